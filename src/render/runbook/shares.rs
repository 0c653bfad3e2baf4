use super::steps::listed;
use super::{Actor, Expected, Row};
use crate::format::{Name, PinOwner, ProvisionMode, Role, ShareSetName, Shares};

/// Taking a token over.
pub(super) fn provision(
    token: &Name,
    label: &str,
    mode: ProvisionMode,
    wipe: bool,
    shares: Option<&Shares>,
) -> Vec<Row> {
    let what = match (mode, wipe) {
        (ProvisionMode::Init, false) => {
            "compares the blank token that will be initialised, and types its new label"
        }
        (ProvisionMode::Init, true) => {
            "compares the token on which EVERYTHING WILL BE DESTROYED, and types its serial number"
        }
        (ProvisionMode::SetPin, _) => {
            "compares the token whose PINs will be replaced, and types its serial number"
        }
        (ProvisionMode::Adopt, _) => "compares the token that is taken as it is, and types its serial number",
    };
    let facts = vec![("token", token.to_string()), ("label", label.to_owned())];
    let mut rows = vec![Row::new(Actor::Role(Role::Officer), what, Expected::Facts(facts))];
    if let Some(shares) = shares {
        rows.extend(dealing(shares));
    }
    let old_pins = match (mode, wipe) {
        (ProvisionMode::Init, true) => vec![PinOwner::SecurityOfficer],
        (ProvisionMode::SetPin, _) => vec![PinOwner::SecurityOfficer, PinOwner::User],
        (ProvisionMode::Init, false) | (ProvisionMode::Adopt, _) => Vec::new(),
    };
    for owner in old_pins {
        let act = format!("types the PIN that the token has now for its {owner}, hidden");
        rows.push(Row::seen(Actor::Role(Role::Officer), act, "it is not refused"));
    }
    if mode == ProvisionMode::Adopt {
        rows.push(Row::seen(
            Actor::Keyboard,
            "has the device's own quorum authenticate on the device",
            "logged in",
        ));
    }
    rows.push(Row::new(
        Actor::Role(Role::Witness),
        "copies the token's serial number from the screen, and compares it with the device",
        Expected::ByHand("serial number"),
    ));
    rows
}

/// A secret is split, every holder takes a share and proves it.
fn dealing(shares: &Shares) -> Vec<Row> {
    let Shares::New { threshold, holders, .. } = shares else { return Vec::new() };
    let mut rows = Vec::new();
    for holder in holders {
        let act = "types or rolls characters that go into the secret, hidden";
        rows.push(Row::seen(Actor::Person(holder.clone()), act, "taken"));
    }
    for (index, holder) in (1..).zip(holders) {
        let act =
            format!("takes share {index} of {}, alone at the screen or from the printer", holders.len());
        rows.push(Row::seen(
            Actor::Person(holder.clone()),
            act,
            "33 words; the check words are on the sheet",
        ));
    }
    for holder in holders {
        let act = "enters the share again from the sheet, then seals the sheet in a bag";
        rows.push(Row::new(Actor::Person(holder.clone()), act, Expected::ByHand("number of the bag")));
    }
    let any = format!("every share was entered again; any {threshold} of {} open", holders.len());
    rows.push(Row::seen(Actor::Role(Role::Witness), "sees that no share was left out", any));
    rows
}

/// Other shares for the same tokens.
pub(super) fn reshare(set: ShareSetName, from: &[u32], to: &Shares, tokens: &[Name]) -> Vec<Row> {
    let (_, epoch) = to.set_and_epoch();
    let mut facts = vec![("share set", set.to_string())];
    facts.extend(from.iter().map(|epoch| ("shares until now", format!("epoch {epoch}"))));
    facts.push(("shares afterwards", format!("epoch {epoch}")));
    facts.push(("tokens", listed(tokens)));
    let compare = "compares which shares are replaced, and types the name of the set";
    let mut rows = vec![Row::new(Actor::Role(Role::Officer), compare, Expected::Facts(facts))];
    for epoch in from {
        let act = format!("of the holders of epoch {epoch}: as many as its threshold enter their shares");
        rows.push(Row::seen(Actor::Everybody, act, "the rebuilt secret is right"));
    }
    rows.extend(dealing(to));
    for token in tokens {
        let seen = format!("token {token} is opened by the new share set");
        rows.push(Row::seen(Actor::Role(Role::Witness), "sees that the token has new PINs", seen));
    }
    if !from.is_empty() {
        let act =
            "of the old holders: where the screen says that a set opens nothing any more, destroy its sheets";
        rows.push(Row::new(Actor::Everybody, act, Expected::ByHand("sheets destroyed")));
    }
    rows
}
