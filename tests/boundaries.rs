//! Holds the code to `docs/architecture.md`: which room uses what, and what the two builds are made of.

#[cfg(test)]
mod boundaries {
    mod dependencies;
    mod planted;
    mod rules;
    mod source;
    mod table;

    use std::path::Path;

    use source::Source;

    fn product() -> Vec<Source> {
        source::read_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
    }

    fn none(offences: &[String]) {
        assert!(
            offences.is_empty(),
            "{} offences against docs/architecture.md:\n{}",
            offences.len(),
            offences.join("\n")
        );
    }

    #[test]
    fn every_room_touches_only_what_it_may() {
        none(&rules::offences(&product()));
    }

    #[test]
    fn what_the_table_allows_is_needed() {
        none(&rules::stale(&product()));
    }

    #[test]
    fn no_room_leads_back_to_itself() {
        assert_eq!(rules::cycle(&rules::graph(&product())), Vec::<String>::new());
    }
}
