//! The bytes of a record are a promise: what is written today is read in twenty years.

use anchorite::format::*;

/// 64 hexadecimal digits of that octet.
fn digest(octet: u8) -> Digest {
    Digest::from_bytes([octet; 32])
}

#[cfg(test)]
mod values {
    use super::*;

    pub(crate) fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    pub(crate) fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    pub(crate) fn file(text: &str) -> FileRef {
        FileRef { name: FileName::parse(text).unwrap(), size: 512, sha256: digest(0x11) }
    }

    pub(crate) fn serial() -> SerialNumber {
        SerialNumber::from_content(&[1, 0xab]).unwrap()
    }

    fn intent(op: u64, call: Call) -> Event {
        Event::OperationIntent(OperationIntent { op, step: name("root"), token: name("primary"), call })
    }

    fn result(key: Option<KeyEvidence>, signature: Option<SignatureMade>) -> Event {
        Event::OperationResult(OperationResult { op: 4, rv: "CKR_OK".to_owned(), key, signature })
    }

    fn evidence() -> KeyEvidence {
        use AttributeState::{Absent, False, True};
        KeyEvidence {
            spki: Base64(vec![0x30, 0x03, 0xff]),
            spki_sha256: digest(0x22),
            attributes: KeyAttributes {
                token: True,
                private: True,
                sensitive: True,
                always_sensitive: Absent,
                extractable: False,
                never_extractable: True,
                local: True,
                sign: True,
                decrypt: False,
                unwrap: False,
                derive: False,
                modifiable: False,
                copyable: Absent,
            },
            contradictions: vec!["never extractable and not local".to_owned()],
        }
    }

    fn opened() -> Opened {
        Opened {
            tool: "anchorite 0.1.0".to_owned(),
            authority: name("example"),
            environment: Environment::Lab,
            mode: Mode::Ceremony,
            name: name("genesis"),
            ordinal: 1,
            previous_head: Digest::ZERO,
            rehearsal: None,
            plan_sha256: digest(0x31),
            roster_sha256: digest(0x32),
            script_sha256: digest(0x33),
            binding_sha256: digest(0x34),
            nonce: Hex(vec![0xa0; 32]),
            token_nonce: None,
            operator: OperatorKind::Scripted,
            place: None,
            recording: None,
            host: HostState {
                core_dumps_off: Protection::Done {},
                memory_locked: Protection::Refused { errno: 12 },
                swap: Some(vec!["/dev/sda2".to_owned()]),
                ptrace_scope: Some(1),
                hibernation: Some(false),
            },
            machine: Machine {
                program_sha256: Some(digest(0x36)),
                kernel: Some("6.12.48".to_owned()),
                command_line: Some("ro quiet".to_owned()),
                boot_id: Some("5b1f".to_owned()),
                vendor: Some("Example".to_owned()),
                product: None,
                serial: None,
                firmware: None,
            },
            present: vec![Present {
                name: name("officer-a"),
                roles: vec![Role::Officer, Role::Auditor],
                typed: "4 2 6 \"six\"".to_owned(),
            }],
            staged: vec![StagedFile {
                path: "artifacts/plan.json".to_owned(),
                size: 12,
                sha256: digest(0x31),
            }],
        }
    }

    /// Every type, and every form of those with several, with its member `body`.
    #[rustfmt::skip]
    pub(crate) fn every_event() -> Vec<(Event, &'static str)> {
        vec![
            (Event::Opened(opened()), r#""type":"ceremony.open","body":{"tool":"anchorite 0.1.0","authority":"example","environment":"lab","mode":"ceremony","name":"genesis","ordinal":1,"previous_head":"@00","rehearsal":null,"plan_sha256":"@31","roster_sha256":"@32","script_sha256":"@33","binding_sha256":"@34","nonce":"@a0","token_nonce":null,"operator":"scripted","place":null,"recording":null,"host":{"core_dumps_off":{"state":"done"},"memory_locked":{"state":"refused","errno":12},"swap":["/dev/sda2"],"ptrace_scope":1,"hibernation":false},"machine":{"program_sha256":"@36","kernel":"6.12.48","command_line":"ro quiet","boot_id":"5b1f","vendor":"Example","product":null,"serial":null,"firmware":null},"present":[{"name":"officer-a","roles":["officer","auditor"],"typed":"4 2 6 \"six\""}],"staged":[{"path":"artifacts/plan.json","size":12,"sha256":"@31"}]}"#),
            (Event::Opened(Opened { token_nonce: Some(Hex(vec![0xa1; 32])), operator: OperatorKind::Terminal, place: Some("Vienna, room 3".to_owned()), recording: Some("two cameras".to_owned()), host: HostState { core_dumps_off: Protection::NotHere {}, memory_locked: Protection::Done {}, swap: None, ptrace_scope: None, hibernation: None }, machine: Machine::default(), present: Vec::new(), staged: Vec::new(), ..opened() }), r#""type":"ceremony.open","body":{"tool":"anchorite 0.1.0","authority":"example","environment":"lab","mode":"ceremony","name":"genesis","ordinal":1,"previous_head":"@00","rehearsal":null,"plan_sha256":"@31","roster_sha256":"@32","script_sha256":"@33","binding_sha256":"@34","nonce":"@a0","token_nonce":"@a1","operator":"terminal","place":"Vienna, room 3","recording":"two cameras","host":{"core_dumps_off":{"state":"not-here"},"memory_locked":{"state":"done"},"swap":null,"ptrace_scope":null,"hibernation":null},"machine":{"program_sha256":null,"kernel":null,"command_line":null,"boot_id":null,"vendor":null,"product":null,"serial":null,"firmware":null},"present":[],"staged":[]}"#),
            (Event::TokenFound(TokenFound { token: name("primary"), module_sha256: digest(0x41), serial: "8f2c".to_owned(), label: "root\u{e9}".to_owned(), manufacturer: "SoftHSM project".to_owned(), model: "SoftHSM v2".to_owned(), hardware: "2.6".to_owned(), firmware: "2.6".to_owned(), initialised: true, user_pin_set: false, protected_authentication_path: false, locks_out: false, user_pin: PinState::CountLow, so_pin: PinState::Ok, pin_min: 4, pin_max: 255, logged_in: true, objects: Some(ObjectCounts { data: 0, certificates: 1, public_keys: 2, private_keys: 3, secret_keys: 4, others: 5 }) }), r#""type":"token.info","body":{"token":"primary","module_sha256":"@41","serial":"8f2c","label":"root\u00e9","manufacturer":"SoftHSM project","model":"SoftHSM v2","hardware":"2.6","firmware":"2.6","initialised":true,"user_pin_set":false,"protected_authentication_path":false,"locks_out":false,"user_pin":"count-low","so_pin":"ok","pin_min":4,"pin_max":255,"logged_in":true,"objects":{"data":0,"certificates":1,"public_keys":2,"private_keys":3,"secret_keys":4,"others":5}}"#),
            (Event::StepStarted { step: name("root"), kind: StepKind::SelfSign }, r#""type":"step.start","body":{"step":"root","kind":"self-sign"}"#),
            (Event::StepDone { step: name("root") }, r#""type":"step.done","body":{"step":"root"}"#),
            (Event::ClockRead { step: name("clock"), reader: name("witness"), reading: instant("2026-12-01T09:31:00Z"), difference_seconds: -2 }, r#""type":"clock.attest","body":{"step":"clock","reader":"witness","reading":"2026-12-01T09:31:00Z","difference_seconds":-2}"#),
            (Event::Beacon(Beacon { step: name("clock"), by: name("witness"), source: "drand, round 5412006".to_owned(), value: "9f3a".to_owned() }), r#""type":"freshness.beacon","body":{"step":"clock","by":"witness","source":"drand, round 5412006","value":"9f3a"}"#),
            (Event::ReadAloud(ReadAloud { step: name("read-plan"), named: NamedDigest::Plan {}, digest: digest(0x31), by: name("officer-a"), positions: vec![3, 17, 30], attempts: 1 }), r#""type":"read.aloud","body":{"step":"read-plan","named":{"of":"plan"},"digest":"@31","by":"officer-a","positions":[3,17,30],"attempts":1}"#),
            (Event::ReadAloud(ReadAloud { step: name("read-csr"), named: NamedDigest::Input { file: file("istio.csr.pem") }, digest: digest(0x11), by: name("officer-a"), positions: vec![1, 2, 32], attempts: 2 }), r#""type":"read.aloud","body":{"step":"read-csr","named":{"of":"input","file":{"name":"istio.csr.pem","size":512,"sha256":"@11"}},"digest":"@11","by":"officer-a","positions":[1,2,32],"attempts":2}"#),
            (Event::Attested(Attested { step: name("attest"), by: name("witness"), text: "I was there.".to_owned(), refusal: None }), r#""type":"attestation","body":{"step":"attest","by":"witness","text":"I was there.","refusal":null}"#),
            (Event::Attested(Attested { step: name("attest"), by: name("witness"), text: "I was there.".to_owned(), refusal: Some("I was called away.".to_owned()) }), r#""type":"attestation","body":{"step":"attest","by":"witness","text":"I was there.","refusal":"I was called away."}"#),
            (Event::CustodyNoted(CustodyNoted { step: name("open-bag"), item: name("primary-token"), act: CustodyAct::Open, number: "A0017".to_owned(), expected: Some("A0016".to_owned()), place: None, by: name("officer-a"), witness: name("witness") }), r#""type":"custody","body":{"step":"open-bag","item":"primary-token","act":"open","number":"A0017","expected":"A0016","place":null,"by":"officer-a","witness":"witness"}"#),
            (Event::CustodyNoted(CustodyNoted { step: name("close-bag"), item: name("primary-token"), act: CustodyAct::Seal, number: "A0018".to_owned(), expected: None, place: Some("safe 2".to_owned()), by: name("officer-a"), witness: name("witness") }), r#""type":"custody","body":{"step":"close-bag","item":"primary-token","act":"seal","number":"A0018","expected":null,"place":"safe 2","by":"officer-a","witness":"witness"}"#),
            (Event::EvidenceImported(EvidenceImported { step: name("device-log"), token: name("primary"), form: EvidenceForm::YubiHsm2Log, file: file("device-log.evidence"), by: name("witness") }), r#""type":"evidence.imported","body":{"step":"device-log","token":"primary","form":"yubihsm2-log","file":{"name":"device-log.evidence","size":512,"sha256":"@11"},"by":"witness"}"#),
            (Event::ExceptionNoted(ExceptionNoted { number: 1, step: Some(name("open-bag")), class: ExceptionClass::Doubtful, expected: "Bag A0016.".to_owned(), happened: "Bag A0017.".to_owned(), decided: "The token is not used.".to_owned(), by: name("officer-a") }), r#""type":"exception","body":{"number":1,"step":"open-bag","class":"doubtful","expected":"Bag A0016.","happened":"Bag A0017.","decided":"The token is not used.","by":"officer-a"}"#),
            (Event::Confirmed { step: name("confirm"), by: name("witness"), text: "It is so.".to_owned() }, r#""type":"confirm","body":{"step":"confirm","by":"witness","text":"It is so."}"#),
            (Event::Arrived(Arrived { name: name("officer-c"), roles: vec![Role::Officer], noted_by: name("witness") }), r#""type":"person.arrived","body":{"name":"officer-c","roles":["officer"],"noted_by":"witness"}"#),
            (Event::Left(Left { name: name("officer-c"), noted_by: name("witness") }), r#""type":"person.left","body":{"name":"officer-c","noted_by":"witness"}"#),
            (Event::BreakBegun(BreakBegun { step: name("lunch"), present: vec![name("officer-a"), name("witness")], head: digest(0xdd), by: name("witness"), word: "tactics".to_owned() }), r#""type":"break.begun","body":{"step":"lunch","present":["officer-a","witness"],"head":"@dd","by":"witness","word":"tactics"}"#),
            (Event::BreakEnded(BreakEnded { step: name("lunch"), present: vec![name("officer-a"), name("witness")], by: name("witness"), word: "tactics".to_owned() }), r#""type":"break.ended","body":{"step":"lunch","present":["officer-a","witness"],"by":"witness","word":"tactics"}"#),
            (Event::SharesSplit(SharesSplit { step: name("provision"), set: ShareSetName::Operate, set_id: Hex(vec![1, 2, 3, 4]), epoch: 1, threshold: 2, shares: vec![ShareCommitment { index: 1, holder: name("officer-a"), commitment: digest(0x51) }], check: digest(0x52) }), r#""type":"quorum.split","body":{"step":"provision","set":"operate","set_id":"01020304","epoch":1,"threshold":2,"shares":[{"index":1,"holder":"officer-a","commitment":"@51"}],"check":"@52"}"#),
            (Event::ShareVerified { step: name("provision"), set_id: Hex(vec![1, 2, 3, 4]), index: 1, holder: name("officer-a") }, r#""type":"share.verified","body":{"step":"provision","set_id":"01020304","index":1,"holder":"officer-a"}"#),
            (Event::PinPolicy(PinPolicy { step: name("provision"), token: name("primary"), token_id: Hex(vec![7; 4]), set_id: Hex(vec![1, 2, 3, 4]), epoch: 1, alphabet: PinAlphabet::Digits, length: 32, user_template: PinTemplate::parse("user:{pin}").unwrap(), security_officer_template: PinTemplate::default(), entropy_bits: 106 }), r#""type":"pin.policy","body":{"step":"provision","token":"primary","token_id":"07070707","set_id":"01020304","epoch":1,"alphabet":"0123456789","length":32,"user_template":"user:{pin}","security_officer_template":"{pin}","entropy_bits":106}"#),
            (Event::QuorumMet { step: name("root"), set_id: Hex(vec![1, 2, 3, 4]), by: vec![name("officer-a"), name("officer-c")] }, r#""type":"quorum.met","body":{"step":"root","set_id":"01020304","by":["officer-a","officer-c"]}"#),
            (Event::TokenMoved { step: name("new-shares"), token: name("primary"), set_id: Hex(vec![1, 2, 3, 4]) }, r#""type":"token.moved","body":{"step":"new-shares","token":"primary","set_id":"01020304"}"#),
            (Event::SharesRetired { step: name("new-shares"), set_id: Hex(vec![1, 2, 3, 4]) }, r#""type":"shares.retired","body":{"step":"new-shares","set_id":"01020304"}"#),
            (Event::RosterChanged { step: name("people"), from: digest(1), to: digest(2), by: name("officer-a") }, r#""type":"roster.changed","body":{"step":"people","from":"@01","to":"@02","by":"officer-a"}"#),
            (Event::Opened(Opened { rehearsal: Some(Box::new(Rehearsed { head: digest(0x35), plan_sha256: digest(0x36) })), present: Vec::new(), staged: Vec::new(), ..opened() }), r#""type":"ceremony.open","body":{"tool":"anchorite 0.1.0","authority":"example","environment":"lab","mode":"ceremony","name":"genesis","ordinal":1,"previous_head":"@00","rehearsal":{"head":"@35","plan_sha256":"@36"},"plan_sha256":"@31","roster_sha256":"@32","script_sha256":"@33","binding_sha256":"@34","nonce":"@a0","token_nonce":null,"operator":"scripted","place":null,"recording":null,"host":{"core_dumps_off":{"state":"done"},"memory_locked":{"state":"refused","errno":12},"swap":["/dev/sda2"],"ptrace_scope":1,"hibernation":false},"machine":{"program_sha256":"@36","kernel":"6.12.48","command_line":"ro quiet","boot_id":"5b1f","vendor":"Example","product":null,"serial":null,"firmware":null},"present":[],"staged":[]}"#),
            (Event::Drilled(Drilled { kind: DrillKind::PowerCut, step: Some(name("root")), outcome: DrillOutcome::Passed }), r#""type":"drill","body":{"kind":"power-cut","step":"root","outcome":"passed"}"#),
            (Event::Drilled(Drilled { kind: DrillKind::WrongToken, step: None, outcome: DrillOutcome::NotPlayed }), r#""type":"drill","body":{"kind":"wrong-token","step":null,"outcome":"not-played"}"#),
            (Event::Resumed(Resumed { host: HostState { core_dumps_off: Protection::NotHere {}, memory_locked: Protection::Done {}, swap: None, ptrace_scope: None, hibernation: None }, machine: Machine::default(), present: vec![Present { name: name("officer-a"), roles: vec![Role::Officer], typed: "dice 4 2 6".to_owned() }], unanswered: vec![3], keys: vec![KeyDecision { op: 3, fate: KeyFate::Adopt }], mirror: Some(MirrorFound { state: MirrorState::Behind, records: 9, head: digest(5) }), set_aside: Vec::new() }), r#""type":"ceremony.resume","body":{"host":{"core_dumps_off":{"state":"not-here"},"memory_locked":{"state":"done"},"swap":null,"ptrace_scope":null,"hibernation":null},"machine":{"program_sha256":null,"kernel":null,"command_line":null,"boot_id":null,"vendor":null,"product":null,"serial":null,"firmware":null},"present":[{"name":"officer-a","roles":["officer"],"typed":"dice 4 2 6"}],"unanswered":[3],"keys":[{"op":3,"fate":"adopt"}],"mirror":{"state":"behind","records":9,"head":"@05"},"set_aside":[]}"#),
            (intent(1, Call::InitToken { label: "root-g1".to_owned(), wipes: None }), r#""type":"op.intent","body":{"op":1,"step":"root","token":"primary","call":{"function":"C_InitToken","label":"root-g1"}}"#),
            (intent(1, Call::InitToken { label: "root-g1".to_owned(), wipes: Some("8f2c".to_owned()) }), r#""type":"op.intent","body":{"op":1,"step":"root","token":"primary","call":{"function":"C_InitToken","label":"root-g1","wipes":"8f2c"}}"#),
            (intent(2, Call::SetPin { of: PinOwner::SecurityOfficer }), r#""type":"op.intent","body":{"op":2,"step":"root","token":"primary","call":{"function":"C_SetPIN","of":"security-officer"}}"#),
            (intent(2, Call::InitPin {}), r#""type":"op.intent","body":{"op":2,"step":"root","token":"primary","call":{"function":"C_InitPIN"}}"#),
            (intent(3, Call::Login { of: PinOwner::User, path: LoginPath::Pin }), r#""type":"op.intent","body":{"op":3,"step":"root","token":"primary","call":{"function":"C_Login","of":"user","path":"pin"}}"#),
            (intent(4, Call::GenerateKeyPair { algorithm: KeyAlgorithm::EcdsaP384, label: "root-g1".to_owned(), key_id: Hex(vec![9; 4]) }), r#""type":"op.intent","body":{"op":4,"step":"root","token":"primary","call":{"function":"C_GenerateKeyPair","algorithm":"ecdsa-p384","label":"root-g1","key_id":"09090909"}}"#),
            (intent(5, Call::Sign { tbs_sha256: digest(0x61), spki_sha256: digest(0x22), mechanism: "CKM_ECDSA".to_owned() }), r#""type":"op.intent","body":{"op":5,"step":"root","token":"primary","call":{"function":"C_Sign","tbs_sha256":"@61","spki_sha256":"@22","mechanism":"CKM_ECDSA"}}"#),
            (intent(6, Call::DestroyObject { class: KeyHalf::PrivateKey, key_id: Hex(vec![9; 4]) }), r#""type":"op.intent","body":{"op":6,"step":"root","token":"primary","call":{"function":"C_DestroyObject","class":"private-key","key_id":"09090909"}}"#),
            (result(None, None), r#""type":"op.result","body":{"op":4,"rv":"CKR_OK"}"#),
            (result(Some(evidence()), None), r#""type":"op.result","body":{"op":4,"rv":"CKR_OK","key":{"spki":"MAP/","spki_sha256":"@22","token":"true","private":"true","sensitive":"true","always_sensitive":"absent","extractable":"false","never_extractable":"true","local":"true","sign":"true","decrypt":"false","unwrap":"false","derive":"false","modifiable":"false","copyable":"absent","contradictions":["never extractable and not local"]}}"#),
            (result(None, Some(SignatureMade { value: Base64(vec![0x30, 0]), verified: true })), r#""type":"op.result","body":{"op":4,"rv":"CKR_OK","signature":{"value":"MAA=","verified":true}}"#),
            (Event::KeySettled(KeySettled { step: name("root-key"), op: 4, outcome: SettledKey::Absent, key: None }), r#""type":"key.settled","body":{"step":"root-key","op":4,"outcome":"absent"}"#),
            (Event::KeySettled(KeySettled { step: name("root-key"), op: 4, outcome: SettledKey::Adopted, key: Some(evidence()) }), r#""type":"key.settled","body":{"step":"root-key","op":4,"outcome":"adopted","key":{"spki":"MAP/","spki_sha256":"@22","token":"true","private":"true","sensitive":"true","always_sensitive":"absent","extractable":"false","never_extractable":"true","local":"true","sign":"true","decrypt":"false","unwrap":"false","derive":"false","modifiable":"false","copyable":"absent","contradictions":["never extractable and not local"]}}"#),
            (Event::TbsFrozen { tbs: vec![FrozenTbs { step: name("root"), kind: ArtifactKind::Certificate, file: file("root.tbs.der"), summary: "certificate: ...".to_owned() }] }, r#""type":"tbs.frozen","body":{"tbs":[{"step":"root","kind":"certificate","file":{"name":"root.tbs.der","size":512,"sha256":"@11"},"summary":"certificate: ..."}]}"#),
            (Event::SealAdded { seal: SealKind::Authorise, signer: name("officer-a"), statement_sha256: digest(0x71), signature_sha256: digest(0x72) }, r#""type":"seal.added","body":{"seal":"authorise","signer":"officer-a","statement_sha256":"@71","signature_sha256":"@72"}"#),
            (Event::SignConfirmed { step: name("root"), tbs_sha256: digest(0x61), by: name("operator"), word: "atlas".to_owned() }, r#""type":"sign.confirmed","body":{"step":"root","tbs_sha256":"@61","by":"operator","word":"atlas"}"#),
            (Event::Destroyed(Destruction { step: name("gone"), by: name("officer-a"), token: name("primary"), spki_sha256: digest(0x22) }), r#""type":"destruction","body":{"step":"gone","by":"officer-a","token":"primary","spki_sha256":"@22"}"#),
            (Event::Revoked(RevocationEntry { step: name("revoke"), by: name("officer-a"), issuer_spki_sha256: Some(digest(0x22)), entry: CrlEntry { serial: serial(), at: instant("2026-12-01T09:31:00Z"), reason: ReasonCode::CessationOfOperation } }), r#""type":"revocation","body":{"step":"revoke","by":"officer-a","issuer_spki_sha256":"@22","entry":{"serial":"01ab","at":"2026-12-01T09:31:00Z","reason":"cessation-of-operation"}}"#),
            (Event::Adopted(Adopted { step: name("old-root"), by: name("witness"), token: name("primary"), key_id: Hex(vec![0xab; 2]), key: evidence() }), r#""type":"authority.adopted","body":{"step":"old-root","by":"witness","token":"primary","key_id":"abab","key":{"spki":"MAP/","spki_sha256":"@22","token":"true","private":"true","sensitive":"true","always_sensitive":"absent","extractable":"false","never_extractable":"true","local":"true","sign":"true","decrypt":"false","unwrap":"false","derive":"false","modifiable":"false","copyable":"absent","contradictions":["never extractable and not local"]}}"#),
            (Event::Released(Released { step: name("crl"), kind: ArtifactKind::Crl, file: file("crl.crl.pem"), tbs_sha256: digest(0x61) }), r#""type":"artifact.out","body":{"step":"crl","kind":"crl","file":{"name":"crl.crl.pem","size":512,"sha256":"@11"},"tbs_sha256":"@61"}"#),
            (Event::Quarantined(Quarantined { step: name("root"), file: file("root.quarantine.der"), reason: "A01 fails".to_owned() }), r#""type":"artifact.quarantined","body":{"step":"root","file":{"name":"root.quarantine.der","size":512,"sha256":"@11"},"reason":"A01 fails"}"#),
            (Event::Closed(Closed { duties: vec![Duty { id: name("disclose"), kind: DutyKind::Written, what: "Publish the root.".to_owned(), due: instant("2026-12-08T00:00:00Z"), owner: Role::Administrator }], manifest_sha256: digest(0x81) }), r#""type":"ceremony.close","body":{"duties":[{"id":"disclose","kind":"written","what":"Publish the root.","due":"2026-12-08T00:00:00Z","owner":"administrator"}],"manifest_sha256":"@81"}"#),
            (Event::Aborted(Aborted { by: name("officer-a"), reason: "Power cut.".to_owned(), step: Some(name("crl")), signed: vec![name("root")], unknown: vec![6], burnt_serials: vec![serial()], burnt_crl_numbers: vec![1], set_aside: vec![file("set-aside.0011aabb.log.torn")], mirror: None, manifest_sha256: digest(0x81) }), r#""type":"ceremony.abort","body":{"by":"officer-a","reason":"Power cut.","step":"crl","signed":["root"],"unknown":[6],"burnt_serials":["01ab"],"burnt_crl_numbers":[1],"set_aside":[{"name":"set-aside.0011aabb.log.torn","size":512,"sha256":"@11"}],"mirror":null,"manifest_sha256":"@81"}"#),
        ]
    }

    /// The line of a record with that event; `@xx` stands for 32 octets of that value.
    pub(crate) fn record(event: Event, body: &str) -> (Record, String) {
        let record = Record {
            v: "anchorite-log/v1".to_owned(),
            cer: digest(0xcc),
            n: 7,
            prev: digest(0xdd),
            t: instant("2026-12-01T09:31:10Z"),
            mono: 10_250,
            event,
        };
        let mut line = format!(
            r#"{{"v":"anchorite-log/v1","cer":"@cc","n":7,"prev":"@dd","t":"2026-12-01T09:31:10Z","mono":10250,{body}}}"#
        );
        while let Some(place) = line.find('@') {
            let octet = line[place + 1..place + 3].to_owned();
            line.replace_range(place..place + 3, &octet.repeat(32));
        }
        (record, line + "\n")
    }
}

#[test]
fn every_type_of_record_has_these_bytes_and_no_others() {
    for (event, body) in values::every_event() {
        let (record, line) = values::record(event, body);
        assert_eq!(String::from_utf8(record.encode().unwrap()).unwrap(), line);
        assert_eq!(Record::parse(line.trim_end().as_bytes()).unwrap(), record);
        for other in [line.replace(":7,", ": 7,"), line.replace("\"mono\"", "\"x\":1,\"mono\""), line.clone()]
        {
            assert!(Record::parse(other.as_bytes()).is_err(), "{other}");
        }
    }
}

#[test]
fn the_ceremony_identifier_is_what_openssl_computes_from_the_documented_lines() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    for (event, _) in values::every_event() {
        let Event::Opened(opened) = event else { continue };
        let token_nonce = opened.token_nonce.as_ref().map_or("-".to_owned(), ToString::to_string);
        let mut text = format!(
            "anchorite-ceremony-id/v1\n{}\n{}\n{}\n1\n{}\n{}\n{token_nonce}\n",
            opened.plan_sha256,
            opened.roster_sha256,
            opened.binding_sha256,
            opened.previous_head,
            opened.nonce
        );
        for present in &opened.present {
            text.push_str(&format!("{}={}\n", present.name, present.typed));
        }
        let mut openssl = Command::new("openssl")
            .args(["dgst", "-sha256", "-r"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("openssl is needed: apt-get install openssl");
        openssl.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
        assert!(output.starts_with(&opened.ceremony_id().to_string()), "{output}");
    }
}

const SPECIFICATION: &str = include_str!("../docs/record-format.md");

#[test]
fn the_specification_names_every_type_every_member_and_every_line() {
    let mut names: Vec<String> = Vec::new();
    for (event, body) in values::every_event() {
        let (record, _) = values::record(event, body);
        let value = serde_json::to_value(&record).unwrap();
        names.extend(value["type"].as_str().map(str::to_owned));
        members(&value, &mut names);
    }
    members(&every_action(), &mut names);
    names.extend(statement_keys());
    names.extend(MEANINGS.iter().map(|(_, meaning)| (*meaning).to_owned()));
    names.extend(verify_ids());
    names.sort();
    names.dedup();
    let missing: Vec<_> = names.iter().filter(|name| !SPECIFICATION.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/record-format.md says nothing of {missing:?}");
}

fn members(value: &serde_json::Value, names: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                names.push(name.clone());
                members(value, names);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| members(value, names)),
        _ => {}
    }
}

/// A plan with a step of every kind.
fn every_action() -> serde_json::Value {
    let (step, ledger) = (
        KeyRef::Step { id: values::name("key") },
        KeyRef::Ledger {
            ordinal: 1,
            id: values::name("key"),
            token: values::name("primary"),
            spki_sha256: digest(1),
        },
    );
    let issuer = IssuerRef::Ledger {
        ordinal: 1,
        id: values::name("root"),
        certificate: values::file("issuer.root.crt.pem"),
        key: ledger,
    };
    let subject = Subject { der: Hex(vec![0x30, 0]), text: String::new() };
    let at = values::instant("2026-12-01T09:00:00Z");
    let validity = Window { from: at, to: at };
    let entry = CrlEntry { serial: values::serial(), at, reason: ReasonCode::Superseded };
    let adopted = AdoptedCertificate {
        serial: values::serial(),
        subject: subject.clone(),
        spki_sha256: digest(1),
        validity,
        authority: true,
        path_length: None,
        tbs_sha256: digest(2),
    };
    let actions = [
        Action::Provision {
            token: values::name("primary"),
            label: String::new(),
            mode: ProvisionMode::Init,
            wipe: false,
            shares: Some(Shares::Dealt { set: ShareSetName::Operate, epoch: 1 }),
            encoding: PinEncoding::default(),
        },
        Action::Reshare {
            set: ShareSetName::Operate,
            from: vec![1],
            to: Shares::New { set: ShareSetName::Operate, epoch: 2, threshold: 2, holders: Vec::new() },
            tokens: vec![values::name("primary")],
        },
        Action::ChangeRoster {
            roster: values::file("people.roster.toml"),
            joins: Vec::new(),
            leaves: Vec::new(),
            new_keys: Vec::new(),
        },
        Action::GenerateKey {
            token: values::name("primary"),
            algorithm: KeyAlgorithm::EcdsaP256,
            label: String::new(),
        },
        Action::SelfSign {
            key: step,
            profile: Profile::Root,
            extensions: CertificateExtensions::default(),
            subject: subject.clone(),
            serial: values::serial(),
            validity,
            tbs_sha256: None,
        },
        Action::SignIntermediate {
            issuer: issuer.clone(),
            csr: values::file("istio.csr.pem"),
            profile: Profile::Intermediate,
            extensions: CertificateExtensions::default(),
            subject: subject.clone(),
            spki_sha256: digest(1),
            asked: vec![Asked { what: String::new(), decision: AskedDecision::Ignored }],
            serial: values::serial(),
            validity,
            tbs_sha256: None,
        },
        Action::CrossSign {
            issuer: issuer.clone(),
            certificate: CertifiedRef::Input {
                certificate: values::file("partner.certified.pem"),
                spki_sha256: digest(1),
            },
            csr: None,
            extensions: CertificateExtensions::default(),
            subject: subject.clone(),
            serial: values::serial(),
            validity,
            tbs_sha256: None,
        },
        Action::DestroyKey {
            key: KeyRef::Ledger {
                ordinal: 1,
                id: values::name("root-key"),
                token: values::name("primary"),
                spki_sha256: digest(1),
            },
            key_id: Hex(vec![9; 4]),
        },
        Action::Revoke { issuer: issuer.clone(), certificate: String::new(), entry: entry.clone() },
        Action::IssueCrl {
            issuer,
            number: 1,
            this_update: at,
            next_update: at,
            embargo: None,
            issuing_distribution_point: Vec::new(),
            entries: vec![entry],
            tbs_sha256: None,
        },
        Action::AdoptAuthority {
            token: values::name("primary"),
            label: String::new(),
            certificate: values::file("old-root.crt.pem"),
            issued: vec![values::file("old-root-1.crt.pem")],
            crl: Some(values::file("old-root.crl.pem")),
            without_crl: None,
            reason_where_none: Some(ReasonCode::Superseded),
            algorithm: KeyAlgorithm::EcdsaP256,
            root: adopted.clone(),
            below: vec![adopted],
            list: Some(AdoptedList {
                number: Some(1),
                this_update: at,
                next_update: at,
                entries: Vec::new(),
                tbs_sha256: digest(1),
            }),
        },
        Action::Clock { readers: 2, tolerance_seconds: 120, beacon: true },
        Action::ReadAloud {
            by: Role::Officer,
            named: NamedDigest::Input { file: values::file("istio.csr.pem") },
        },
        Action::Attest { by: vec![Role::Witness], text: String::new() },
        Action::Custody {
            item: values::name("primary-token"),
            act: CustodyAct::Open,
            expected: None,
            place: None,
        },
        Action::ImportEvidence {
            token: values::name("primary"),
            form: EvidenceForm::Opaque,
            file: values::file("yubihsm.log").name,
        },
        Action::Break { reason: String::new(), minutes: 45, shares: SharesAfterBreak::EnteredAgain },
        Action::Confirm {
            by: Role::Witness,
            text: String::new(),
            discharges: Some(DutyRef { ordinal: 1, id: values::name("disclose") }),
        },
    ];
    let plan = Plan {
        v: Plan::FORMAT.ceremony.to_owned(),
        tool: String::new(),
        mode: Mode::Ceremony,
        authority: values::name("example"),
        environment: Environment::Lab,
        trust_domain: None,
        name: values::name("genesis"),
        title: String::new(),
        policy: None,
        place: None,
        recording: None,
        next_ceremony: None,
        ordinal: 1,
        previous_head: Digest::ZERO,
        roster_sha256: digest(1),
        script_sha256: digest(2),
        window: validity,
        waivers: vec![Waiver { rule: Rule::PinStrength, reason: String::new(), until: at }],
        duties: vec![Duty {
            id: values::name("disclose"),
            kind: DutyKind::Written,
            what: String::new(),
            due: at,
            owner: Role::Administrator,
        }],
        rehearses: Some(Rehearses {
            plan_sha256: digest(3),
            roster_sha256: digest(4),
            forbidden_tokens: Vec::new(),
            drills: vec![Drill { kind: DrillKind::PowerCut, step: None }],
        }),
        rehearsed_within_days: None,
        tokens: Vec::new(),
        inputs: Vec::new(),
        steps: actions.into_iter().map(|action| PlannedStep { id: values::name("step"), action }).collect(),
    };
    serde_json::to_value(&plan).unwrap_or_default()
}

fn verify_ids() -> Vec<String> {
    anchorite::verify::CheckId::ALL.iter().map(|id| id.id().to_owned()).collect()
}

/// The keys of both statements, as they are written.
fn statement_keys() -> Vec<String> {
    let signer = Signer {
        name: values::name("officer-a"),
        role: Role::Officer,
        spki_sha256: digest(1),
        algorithm: StatementAlgorithm::EcdsaP256Sha256,
        time: values::instant("2026-12-01T09:00:00Z"),
    };
    let approval = Statement::Approval(Approval {
        plan_sha256: digest(1),
        authority: values::name("example"),
        environment: Environment::Lab,
        mode: Mode::Ceremony,
        ordinal: 1,
        previous_head: Digest::ZERO,
        roster_sha256: digest(2),
        binding_sha256: digest(3),
        tokens: vec![(values::name("primary"), TokenAddress::Blank)],
        window: Window { from: signer.time, to: signer.time },
        signer: signer.clone(),
    });
    let seal = Statement::Seal(Seal {
        kind: SealKind::Authorise,
        ceremony: digest(4),
        mode: Mode::Ceremony,
        outcome: Outcome::InProgress,
        covered: Covered::of(b"{}\n"),
        plan_sha256: digest(1),
        roster_sha256: digest(2),
        tbs: vec![TbsLine { kind: ArtifactKind::Crl, sha256: digest(5), summary: "a CRL".to_owned() }],
        keys: vec![KeyDecision { op: 4, fate: KeyFate::Destroy }],
        signer,
    });
    let text = format!("{approval}{seal}");
    text.lines().map(|line| line.split(": ").next().unwrap_or(line).to_owned()).collect()
}
