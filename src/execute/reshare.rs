use super::Stop;
use super::engine::{Engine, Evidence};
use super::operator::Question;
use super::pins::Pins;
use super::share_sets::OpenSet;
use crate::format::{Call, Event, Hex, LoginPath, Name, PinOwner, Role, ShareSetName, Shares};
use crate::secret::Pin;

/// A token on its way to another share set: every PIN it may have, and the ones that it gets.
struct Move {
    token: Name,
    old: Vec<Pins>,
    new: Pins,
    set_id: Hex,
    /// Whether an earlier ceremony may have set the new PINs already.
    in_doubt: bool,
}

impl Engine<'_> {
    /// Replaces the shares that open tokens.
    ///
    /// Both sets are live until the last token is moved: the new one is proven and durable before the first PIN is
    /// touched, and each token's own state says which of the two opens it. An interruption is finished by the same
    /// calls, with both quorums.
    pub(super) fn reshare(
        &mut self,
        step: &Name,
        set: ShareSetName,
        from: &[u32],
        to: &Shares,
        tokens: &[Name],
    ) -> Result<(), Stop> {
        self.confirm_reshare(step, set, from, to, tokens)?;
        let mut old = Vec::with_capacity(from.len());
        for epoch in from {
            old.push(self.open_shares(step, set, *epoch)?);
        }
        let new = self.shares(step, to)?;
        let mut moves = Vec::with_capacity(tokens.len());
        for token in tokens {
            moves.push(self.prepare_move(step, token, &old, &new)?);
        }
        let retired: Vec<Hex> = old.iter().map(|open| open.split.set_id.clone()).collect();
        drop((old, new));
        for moved in moves {
            self.move_token(step, moved)?;
        }
        for set_id in retired {
            self.retire(step, set_id, tokens)?;
        }
        Ok(())
    }

    fn prepare_move(
        &mut self,
        step: &Name,
        token: &Name,
        old: &[OpenSet],
        new: &OpenSet,
    ) -> Result<Move, Stop> {
        let ledger = self.ceremony.ledger;
        let entry = ledger.token(token).ok_or_else(|| Stop::not_in_ledger(format!("token `{token}`")))?;
        let before = entry.policies();
        let first =
            before.first().ok_or_else(|| Stop::not_in_ledger(format!("PIN policy of token `{token}`")))?;
        let policy = self.policy_of_moved_token(step, first, &new.split)?;
        let mut pins = Vec::new();
        for known in &before {
            if let Some(open) = old.iter().find(|open| open.split.set_id == known.set_id) {
                pins.push(self.pins(&open.secret, known)?);
            }
        }
        Ok(Move {
            token: token.clone(),
            old: pins,
            new: self.pins(&new.secret, &policy)?,
            in_doubt: before.iter().any(|known| known.set_id == new.split.set_id),
            set_id: policy.set_id,
        })
    }

    fn move_token(&mut self, step: &Name, moved: Move) -> Result<(), Stop> {
        let Move { token, old, new, set_id, in_doubt } = moved;
        if self.is_moved(&token, &set_id)? {
            return Ok(());
        }
        // A login of an earlier step would stand in the way of the calls that replace the PINs.
        self.unlocked.retain(|name| *name != token);
        let security_officer: Vec<&Pin> = old.iter().map(|pins| &pins.security_officer).collect();
        let user: Vec<&Pin> = old.iter().map(|pins| &pins.user).collect();
        let changes = [
            (PinOwner::SecurityOfficer, security_officer, &new.security_officer),
            (PinOwner::User, user, &new.user),
        ];
        for (owner, old, new) in changes {
            self.replace_pin(step, &token, owner, &old, new, in_doubt)?;
        }
        let login = |_| Call::Login { of: PinOwner::User, path: LoginPath::Pin };
        let prove = |token: &mut crate::token::Token, _: &Call| token.prove_pin(PinOwner::User, &new.user);
        self.operation(step, &token, login, prove, |()| Evidence::default())?;
        self.record(Event::TokenMoved { step: step.clone(), token: token.clone(), set_id: set_id.clone() })?;
        self.done(format!("token `{token}` is opened by share set {set_id} from now on"));
        self.describe_token(&token)
    }

    /// Says that a split opens nothing any more, where that is so.
    fn retire(&mut self, step: &Name, set_id: Hex, moved: &[Name]) -> Result<(), Stop> {
        let ledger = self.ceremony.ledger;
        let left: Vec<String> = ledger
            .opened_by_set(&set_id)
            .filter(|token| !moved.contains(&token.name))
            .map(|token| format!("`{}`", token.name))
            .collect();
        if !left.is_empty() {
            let tokens = left.join(" and ");
            self.done(format!("share set {set_id} stays live: it still opens {tokens}"));
            return Ok(());
        }
        let recorded = self
            .log()?
            .records()
            .any(|record| matches!(&record.event, Event::SharesRetired { set_id: of, .. } if *of == set_id));
        if !recorded {
            self.record(Event::SharesRetired { step: step.clone(), set_id: set_id.clone() })?;
        }
        self.done(format!("share set {set_id} opens nothing any more: its sheets are destroyed now"));
        Ok(())
    }

    fn is_moved(&self, token: &Name, set_id: &Hex) -> Result<bool, Stop> {
        Ok(self.log()?.records().any(|record| {
            matches!(&record.event, Event::TokenMoved { token: of, set_id: onto, .. } if of == token && onto == set_id)
        }))
    }

    fn confirm_reshare(
        &mut self,
        step: &Name,
        set: ShareSetName,
        from: &[u32],
        to: &Shares,
        tokens: &[Name],
    ) -> Result<(), Stop> {
        let list = |names: &[Name]| names.iter().map(Name::to_string).collect::<Vec<_>>().join(", ");
        let mut compare = vec![("share set", set.to_string())];
        for epoch in from {
            let (_, split) = self.split(set, *epoch)?;
            let holders: Vec<Name> = split.shares.iter().map(|share| share.holder.clone()).collect();
            let shares =
                format!("epoch {epoch}, {}: any {} of {}", split.set_id, split.threshold, list(&holders));
            compare.push(("shares until now", shares));
        }
        let (_, epoch) = to.set_and_epoch();
        compare.push((
            "shares afterwards",
            match to {
                Shares::New { threshold, holders, .. } => {
                    format!("epoch {epoch}, new: any {threshold} of {}", list(holders))
                }
                Shares::Dealt { .. } => format!("epoch {epoch}, dealt before"),
            },
        ));
        if !tokens.is_empty() {
            compare.push(("tokens", list(tokens)));
        }
        let question = Question {
            step,
            what: "Shares are replaced. The holders of the old ones agree by entering them.".to_owned(),
            compare,
            word: set.to_string(),
            found: "the name of the share set",
            by: Role::Officer,
        };
        self.attended().confirm(&question).map(drop)
    }
}
