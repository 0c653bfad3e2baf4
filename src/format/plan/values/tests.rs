use super::*;

/// What has that form, and what just misses it.
fn judge<T: std::str::FromStr + fmt::Display>(good: &[&str], bad: &[&str]) {
    for text in good {
        assert_eq!(text.parse::<T>().map(|value| value.to_string()).ok().as_deref(), Some(*text), "{text}");
    }
    for text in bad {
        assert!(text.parse::<T>().is_err(), "{text}");
    }
}

#[test]
fn a_spiffe_id_is_what_its_standard_says() {
    let (longest, longer) =
        (format!("spiffe://{}", "a".repeat(255)), format!("spiffe://{}", "a".repeat(256)));
    let path = |bytes: usize| format!("spiffe://a/{}", "b".repeat(bytes - "spiffe://a/".len()));
    judge::<SpiffeId>(
        &[
            "spiffe://prod.example.org",
            "spiffe://example.org/ns/prod/sa/Web_1.x-y",
            "spiffe://11111111-2222-3333-4444-555555555555.consul",
            "spiffe://under_score",
            "spiffe://a/...",
            &longest,
            &path(2048),
        ],
        &[
            "",
            "spiffe://",
            "spiffe:///path",
            "https://example.org",
            "SPIFFE://example.org",
            "spiffe://Example.org",
            "spiffe://example.org:8443",
            "spiffe://user@example.org",
            "spiffe://example.org/",
            "spiffe://example.org//a",
            "spiffe://example.org/a/",
            "spiffe://example.org/./a",
            "spiffe://example.org/a/..",
            "spiffe://example.org/a%20b",
            "spiffe://example.org/a?b",
            "spiffe://example.org/a#b",
            "spiffe://example.org/\u{e4}",
            &longer,
            &path(2049),
        ],
    );
    let id: SpiffeId = "spiffe://example.org/ns/a".parse().unwrap();
    assert_eq!((id.trust_domain(), id.path()), ("example.org", "/ns/a"));
    let id: SpiffeId = "spiffe://example.org".parse().unwrap();
    assert_eq!((id.trust_domain(), id.path()), ("example.org", ""));
}

#[test]
fn constraints_and_places_have_one_spelling() {
    judge::<DnsConstraint>(
        &["example.org", "local", "a-b.c1"],
        &[
            "",
            ".example.org",
            "*.example.org",
            "Example.org",
            "a_b.org",
            "a..b",
            "-a.org",
            "a.org.",
            "10.0.0.1",
        ],
    );
    judge::<UriConstraint>(
        &["prod.example.org", ".example.org", "local"],
        &["", ".", "spiffe://example.org", "example.org:80", "example.org/a", "..org", "a_b.org"],
    );
    judge::<IpConstraint>(
        &["10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0"],
        &[
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/08",
            "2001:DB8::/32",
            "2001:db8:0::/32",
            "::/129",
            "a/1",
        ],
    );
    judge::<PolicyId>(
        &["2.23.140.1.2.1", "1.3.6.1.4.1.32473.1", "2.5.29.32.0"],
        &[
            "",
            "1",
            "1.3",
            "3.1.1",
            "1.40.1",
            "2.999.1",
            "2.05.1",
            "2.+5.1",
            "1.3..1",
            "1.3.4294967296",
            "a.b.c",
        ],
    );
    judge::<HttpUrl>(
        &["http://crl.example.org/root.crl", "http://a:8080/b?c=d", "http://a/"],
        &[
            "http://a",
            "https://a/b",
            "HTTP://a/b",
            "http://u@a/b",
            "http://a/b#c",
            "http://a/b c",
            "http://a:0/b",
            "http:///b",
            "http://a:080/b",
            "http://10.0.0.1/b",
            "ldap://a/b",
        ],
    );
}

#[test]
fn an_address_range_is_address_and_mask() {
    let octets = |text: &str| text.parse::<IpConstraint>().unwrap().octets();
    assert_eq!(octets("10.0.0.0/9"), [10, 0, 0, 0, 255, 128, 0, 0]);
    assert_eq!(octets("192.0.2.1/32"), [192, 0, 2, 1, 255, 255, 255, 255]);
    assert_eq!(octets("2001:db8::/32").len(), 32);
    for text in ["10.0.0.0/9", "0.0.0.0/0", "2001:db8::/33", "::1/128"] {
        assert_eq!(IpConstraint::from_octets(&octets(text)).unwrap().as_str(), text);
    }
    for wrong in [[10, 0, 0, 0, 255, 0, 255, 0], [10, 0, 0, 1, 255, 0, 0, 0]] {
        assert_eq!(IpConstraint::from_octets(&wrong), None);
    }
    assert_eq!(IpConstraint::from_octets(&[10, 0, 0, 255, 0, 0]), None);
    assert_eq!(IpConstraint::from_octets(&[]), None);
}
