use super::place::{Place, make, write};
use crate::artifact::Access;
use crate::cli::failure::Failure;
use crate::format::{
    Base64, Environment, Hex, Mode, Name, Role, Roster, ShareSetName, StatementAlgorithm, Thresholds,
};
use crate::host;
use crate::officer::{KeySeed, new_key};
use crate::plan::PlanDirectory;
use crate::secret::Passphrase;

/// Somebody of the ceremony's roster, as the rehearsal has them.
pub(super) struct Person {
    name: Name,
    holds_a_share: bool,
}

impl Person {
    /// What an answers file says of this person, for a rehearsal without people.
    pub(super) fn answers(&self) -> String {
        let name = &self.name;
        let shares = if self.holds_a_share {
            format!("sheet = \"{name}.{{set}}-{{epoch}}.txt\"\nentropy = \"{name}.entropy\"\n")
        } else {
            String::new()
        };
        format!(
            "\n[[person]]\nname = \"{name}\"\ntyped = \"rehearsal of {name}\"\n{shares}\
             key = \"{name}.key.pem\"\npassphrase-file = \"{name}.passphrase\"\n"
        )
    }
}

/// Makes throw-away keys for everybody, and the rosters that name them: `roster.toml`, and in `inputs/` the one that the
/// plan brings in, beside its other inputs.
pub(super) fn throw_away(
    place: &Place,
    ceremony: &PlanDirectory,
    roster: &Roster,
) -> Result<Vec<Person>, Failure> {
    make(&place.custody())?;
    make(&place.inputs())?;
    let mut keys = Vec::new();
    let entries = entries(place, roster, &mut keys)?;
    write(&place.roster(), entries.as_bytes(), Access::Everybody)?;
    for (name, bytes) in &ceremony.inputs {
        let incoming = ceremony.plan.incoming_roster().filter(|file| file.name == *name);
        let bytes = match incoming {
            Some(_) => {
                let incoming = Roster::parse(bytes).map_err(|error| Failure::usage(error, "plan again"))?;
                for name in ceremony.plan.new_key_holders() {
                    keys.retain(|key: &Key| key.name != name || roster.person(&name).is_none());
                }
                self::entries(place, &incoming, &mut keys)?.into_bytes()
            }
            None => bytes.clone(),
        };
        write(&place.inputs().join(name), &bytes, Access::Everybody)?;
    }
    let people = keys.into_iter().map(|Key { name, holds_a_share, .. }| Person { name, holds_a_share });
    Ok(people.collect())
}

struct Key {
    name: Name,
    entry: String,
    holds_a_share: bool,
}

/// A roster of the same people with throw-away keys; whoever has one keeps it.
fn entries(place: &Place, roster: &Roster, keys: &mut Vec<Key>) -> Result<String, Failure> {
    let Thresholds { approve, unlock, recovery, close } = roster.thresholds;
    let recovery = recovery.map_or_else(String::new, |recovery| format!("recovery = {recovery}\n"));
    let mut text = format!(
        "format = \"{}\"\nauthority = \"{}\"\nenvironment = \"{}\"\n\n\
         [thresholds]\napprove = {approve}\nunlock = {unlock}\n{recovery}close = {close}\n",
        Roster::FORMAT.of(Mode::Rehearsal),
        roster.authority,
        Environment::Lab,
    );
    for person in &roster.people {
        let key = match keys.iter().find(|key| key.name == person.name) {
            Some(key) => key.entry.clone(),
            None => {
                let key = Key {
                    name: person.name.clone(),
                    entry: new(place, &person.name)?,
                    holds_a_share: !person.shares.is_empty(),
                };
                let entry = key.entry.clone();
                keys.push(key);
                entry
            }
        };
        let roles: Vec<String> = person.roles.iter().map(|role: &Role| format!("\"{role}\"")).collect();
        let shares: Vec<String> =
            person.shares.iter().map(|set: &ShareSetName| format!("\"{set}\"")).collect();
        let deputy = person
            .deputy_for
            .as_ref()
            .map_or_else(String::new, |principal| format!("deputy-for = \"{principal}\"\n"));
        text.push_str(&format!(
            "\n[[person]]\nname = \"{}\"\nroles = [{}]\n{key}shares = [{}]\n{deputy}",
            person.name,
            roles.join(", "),
            shares.join(", "),
        ));
    }
    Ok(text)
}

/// A new key with its passphrase, and characters for a new secret; answers with what the roster says of the key.
fn new(place: &Place, name: &Name) -> Result<String, Failure> {
    let algorithm = StatementAlgorithm::EcdsaP256Sha256;
    let passphrase = random_text()?;
    let custody = place.custody();
    // Somebody with a key on each of two rosters has the newer one beside the older.
    let taken = std::fs::symlink_metadata(custody.join(format!("{name}.key.pem"))).is_ok();
    let stem = if taken { format!("{name}.new") } else { name.to_string() };
    let mut seed = KeySeed::default();
    host::fill_random(seed.scalar.as_mut_slice())
        .and_then(|()| host::fill_random(&mut seed.salt))
        .and_then(|()| host::fill_random(&mut seed.iv))
        .map_err(no_entropy)?;
    let phrase = Passphrase::new(zeroize::Zeroizing::new(passphrase.clone()));
    let key =
        new_key(algorithm, &phrase, &seed).map_err(|error| Failure::token(error, "run the command again"))?;
    for (ending, text) in [
        ("key.pem", key.pem.as_str()),
        ("passphrase", &format!("{passphrase}\n")),
        ("entropy", &format!("{}\n", random_text()?)),
    ] {
        write(&custody.join(format!("{stem}.{ending}")), text.as_bytes(), Access::Owner)?;
    }
    Ok(format!(
        "algorithm = \"{algorithm}\"\npublic-key = \"{}\"\nkey-storage = \"file\"\n",
        Base64(key.public.spki().to_vec())
    ))
}

fn random_text() -> Result<String, Failure> {
    let mut random = vec![0; 16];
    host::fill_random(&mut random).map_err(no_entropy)?;
    Ok(Hex(random).to_string())
}

fn no_entropy(error: host::EntropyError) -> Failure {
    Failure::token(error, "wait until the host has gathered entropy, then begin again in a new directory")
}
