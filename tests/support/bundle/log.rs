//! The log, line by line, and the files beside it.

use super::papers::initialises;
use super::run::{Run, frozen_tbs, pem, token_found};
use super::*;

impl Workshop {
    /// Everything after record 0 of a ceremony in which nothing goes wrong.
    pub(super) fn items(
        &mut self,
        plan: &Plan,
        opened: &Opened,
        tbs: &BTreeMap<Name, Vec<u8>>,
        open: &[Name],
    ) -> Vec<Item> {
        let mut run = Run { items: Vec::new(), op: 0, ceremony: opened.ceremony_id() };
        let provisions = plan.steps.iter().any(|step| matches!(step.action, Action::Provision { .. }));
        let signs = plan.steps.iter().any(|step| step.action.tbs_sha256().is_some());
        run.event(token_found(!initialises(plan)));
        let mut opening = self.split.clone().filter(|_| !provisions && signs);
        let mut frozen = open.is_empty();
        let mut opens_again = false;
        for step in &plan.steps {
            let signs = step.action.tbs_sha256().is_some();
            if signs && !frozen {
                run.event(Event::TbsFrozen { tbs: frozen_tbs(plan, tbs, open) });
                run.items.push(None);
                frozen = true;
            }
            run.event(Event::StepStarted { step: step.id.clone(), kind: step.action.kind() });
            if let Some(split) = opening.take() {
                run.open(&step.id, &split);
            }
            match &step.action {
                Action::Provision { .. } => self.split = Some(run.provision(step)),
                Action::Reshare { .. } => self.split = Some(run.reshare(step, self.split.as_ref())),
                Action::ChangeRoster { roster, .. } => run.event(Event::RosterChanged {
                    step: step.id.clone(),
                    from: plan.roster_sha256,
                    to: roster.sha256,
                    by: name("officer-a"),
                }),
                Action::GenerateKey { algorithm, label, .. } => {
                    run.generate(step, *algorithm, label, &spki(&self.root))
                }
                Action::SelfSign { .. }
                | Action::SignIntermediate { .. }
                | Action::CrossSign { .. }
                | Action::IssueCrl { .. } => {
                    run.sign(step, &tbs[&step.id], &self.root);
                }
                Action::AdoptAuthority { .. } => run.adopt(step, &spki(&self.root)),
                Action::DestroyKey { key_id, .. } => {
                    run.event(Event::Destroyed(Destruction {
                        step: step.id.clone(),
                        by: name("officer-a"),
                        token: name("primary"),
                        spki_sha256: Digest::of(&spki(&self.root)),
                    }));
                    for class in [KeyHalf::PrivateKey, KeyHalf::PublicKey] {
                        let call = Call::DestroyObject { class, key_id: key_id.clone() };
                        run.call(&step.id, call, None, None);
                    }
                }
                Action::Revoke { entry, .. } => run.event(Event::Revoked(RevocationEntry {
                    step: step.id.clone(),
                    by: name("officer-a"),
                    issuer_spki_sha256: Some(Digest::of(&spki(&self.root))),
                    entry: entry.clone(),
                })),
                action @ (Action::ReadAloud { .. }
                | Action::Attest { .. }
                | Action::Custody { .. }
                | Action::ImportEvidence { .. }) => self.witnessed(plan, opened, &step.id, action, &mut run),
                Action::Clock { beacon, .. } => {
                    if *beacon {
                        run.event(Event::Beacon(Beacon {
                            step: step.id.clone(),
                            by: name("officer-a"),
                            source: "the notice board".to_owned(),
                            value: "Lentils.".to_owned(),
                        }));
                    }
                    for reader in ["officer-a", "witness"] {
                        run.event(Event::ClockRead {
                            step: step.id.clone(),
                            reader: name(reader),
                            reading: time_of(run.items.len() as u64 + 1),
                            difference_seconds: 0,
                        });
                    }
                }
                Action::Break { .. } => {
                    let people = self.people.iter().map(|(person, ..)| person);
                    let present: Vec<Name> =
                        people.filter(|person| self.comes(plan, person)).cloned().collect();
                    let (by, word) = (name("witness"), "atlas".to_owned());
                    run.event(Event::BreakBegun(BreakBegun {
                        step: step.id.clone(),
                        present: present.clone(),
                        // The line before is not written yet.
                        head: Digest::ZERO,
                        by: by.clone(),
                        word: word.clone(),
                    }));
                    run.event(Event::BreakEnded(BreakEnded { step: step.id.clone(), present, by, word }));
                    opens_again = true;
                }
                Action::Confirm { text, .. } => run.event(Event::Confirmed {
                    step: step.id.clone(),
                    by: name("witness"),
                    text: text.clone(),
                }),
            }
            run.event(Event::StepDone { step: step.id.clone() });
            if std::mem::take(&mut opens_again) {
                opening.clone_from(&self.split);
            }
        }
        run.event(Event::Closed(Closed { duties: plan.duties.clone(), manifest_sha256: Digest::ZERO }));
        run.items
    }

    pub(super) fn write(
        &mut self,
        opened: &Opened,
        items: Vec<Item>,
        tbs: &BTreeMap<Name, Vec<u8>>,
        mut files: Files,
        tricks: &Tricks,
    ) -> PathBuf {
        for item in &items {
            match item {
                Some(Event::TbsFrozen { tbs: frozen }) => {
                    for one in frozen {
                        files.insert(format!("artifacts/{}", one.file.name), tbs[&one.step].clone());
                    }
                }
                Some(Event::Released(released)) => {
                    let path = format!("artifacts/{}", released.file.name);
                    files.insert(path, self.released(released.kind, &tbs[&released.step]));
                }
                Some(Event::EvidenceImported(imported)) => {
                    let path = format!("artifacts/{}", imported.file.name);
                    files.insert(path, witnessed::evidence(&imported.step, imported.form));
                }
                _ => {}
            }
        }
        (tricks.files)(&mut files);
        let manifest =
            Manifest(files.iter().map(|(path, bytes)| (path.clone(), Digest::of(bytes))).collect()).encode();

        let mut log = Vec::new();
        let mut lines = 0;
        self.append(&mut log, &mut lines, opened, Event::Opened(opened.clone()), tricks);
        let mut ended = false;
        let mut frozen = Vec::new();
        for item in items {
            match item {
                None => {
                    let covered = Covered::of(&log);
                    for person in tricks.authorisers {
                        let (path, statement, signature) =
                            self.seal(opened, SealKind::Authorise, covered, (&frozen, &[]), person, tricks);
                        let event = Event::SealAdded {
                            seal: SealKind::Authorise,
                            signer: name(person),
                            statement_sha256: Digest::of(&statement),
                            signature_sha256: Digest::of(&signature),
                        };
                        self.append(&mut log, &mut lines, opened, event, tricks);
                        files.insert(format!("{path}.txt"), statement);
                        files.insert(format!("{path}.sig"), signature);
                    }
                }
                Some(mut event) => {
                    match &mut event {
                        Event::TbsFrozen { tbs } => frozen.clone_from(tbs),
                        Event::Closed(closed) => closed.manifest_sha256 = Digest::of(&manifest),
                        Event::Aborted(aborted) => aborted.manifest_sha256 = Digest::of(&manifest),
                        _ => {}
                    }
                    ended |= matches!(event, Event::Closed(_) | Event::Aborted(_));
                    let kind = match &event {
                        Event::Closed(_) => Some(SealKind::Close),
                        Event::Aborted(_) => Some(SealKind::Abort),
                        _ => None,
                    };
                    let resumes = match &event {
                        Event::Resumed(resumed) => Some(resumed.keys.clone()),
                        _ => None,
                    };
                    // Hashing the log for each of its records would take long for a long one.
                    let before = Covered::of(if resumes.is_some() { &log } else { &[] });
                    self.append(&mut log, &mut lines, opened, event, tricks);
                    for (person, keys) in
                        tricks.authorisers.iter().filter_map(|person| Some((person, resumes.as_ref()?)))
                    {
                        let (_, statement, signature) =
                            self.seal(opened, SealKind::Resume, before, (&[], keys), person, tricks);
                        let event = Event::SealAdded {
                            seal: SealKind::Resume,
                            signer: name(person),
                            statement_sha256: Digest::of(&statement),
                            signature_sha256: Digest::of(&signature),
                        };
                        self.append(&mut log, &mut lines, opened, event, tricks);
                        let path = format!(
                            "seals/{}",
                            seal_file_stem(SealKind::Resume, before.records, &name(person))
                        );
                        files.insert(format!("{path}.txt"), statement);
                        files.insert(format!("{path}.sig"), signature);
                    }
                    for person in kind.map_or(&[][..], |_| tricks.closers) {
                        let covered = Covered::of(&log);
                        let (path, statement, signature) =
                            self.seal(opened, kind.unwrap(), covered, (&[], &[]), person, tricks);
                        files.insert(format!("{path}.txt"), statement);
                        files.insert(format!("{path}.sig"), signature);
                    }
                }
            }
        }
        if ended {
            files.insert(Manifest::FILE.to_owned(), manifest);
        }
        self.head = Digest::of(log.split_inclusive(|byte| *byte == b'\n').next_back().unwrap());
        self.ordinal = opened.ordinal;
        files.insert("log.jsonl".to_owned(), log);
        let directory = self.authority().join(bundle_directory_name(opened.ordinal, &opened.name));
        for part in ["artifacts", "seals"] {
            fs::create_dir_all(directory.join(part)).unwrap();
        }
        for (path, bytes) in files {
            fs::write(directory.join(path), bytes).unwrap();
        }
        directory
    }

    pub(super) fn append(
        &self,
        log: &mut Vec<u8>,
        n: &mut u64,
        opened: &Opened,
        mut event: Event,
        tricks: &Tricks,
    ) {
        let prev = match log.split_inclusive(|byte| *byte == b'\n').next_back() {
            Some(line) => Digest::of(line),
            None => Digest::ZERO,
        };
        if let Event::BreakBegun(BreakBegun { head, .. }) = &mut event
            && *head == Digest::ZERO
        {
            *head = prev;
        }
        if let Event::OperationIntent(OperationIntent {
            op, call: Call::GenerateKeyPair { key_id, .. }, ..
        }) = &mut event
            && key_id.0.is_empty()
        {
            *key_id = OperationIntent::key_id(&opened.ceremony_id(), *op);
        }
        let mut record = Record {
            v: Record::FORMAT.of(opened.mode).to_owned(),
            cer: opened.ceremony_id(),
            n: *n,
            prev,
            t: time_of(*n),
            mono: *n * 10_000,
            event,
        };
        (tricks.stamps)(&mut record);
        log.extend(record.encode().unwrap());
        *n += 1;
    }

    pub(super) fn released(&self, kind: ArtifactKind, tbs: &[u8]) -> Vec<u8> {
        pem(kind, tbs, &sign(&self.root, tbs)).into_bytes()
    }
}
