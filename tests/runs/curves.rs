//! A root on the other curve is as good.

use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};

#[test]
fn a_root_on_p_384_is_made_signs_and_verifies_like_one_on_p_256() {
    let lab = Lab::blank();
    lab.edit("ceremonies/genesis.toml", "ecdsa-p256", "ecdsa-p384");
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.bind_by_serial();
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");

    let root = "authority/0001-genesis/artifacts/root.crt.pem";
    let intermediate = "authority/0002-sign-intermediates/artifacts/istio.crt.pem";
    let strictly = ["verify", "-x509_strict", "-check_ss_sig", "-CAfile", root, intermediate];
    lab.tool("openssl", "openssl", &strictly).ends(0, "OK");
    let shown = lab.tool("openssl", "openssl", &["x509", "-in", root, "-noout", "-text"]).done();
    assert!(shown.contains("ecdsa-with-SHA384") && shown.contains("secp384r1"), "{shown}");
    let crl = "authority/0002-sign-intermediates/artifacts/crl.crl.pem";
    lab.tool("openssl", "openssl", &["crl", "-in", crl, "-CAfile", root, "-noout"]).ends(0, "verify OK");
}
