//! Steps that change a token, or who opens it.

use super::{DO, ID, INPUT_FILE, StepShape, TOKEN, Table, Value, defaults, optional, required};
use crate::format::{KeyAlgorithm, ProvisionMode, ShareSetName, StepKind};
use crate::script::vocabulary::{Backup, Onto, PinSymbols, QuorumHolder, TokenContent};
use crate::script::word::spellings;

pub(super) const PROVISION: StepShape = StepShape {
    kind: StepKind::Provision,
    table: Table {
        name: "a `provision` step",
        meaning: "Takes a token over: its PINs are derived from the officers' shares, which are dealt first where the \
                  authority has none yet, or it holds a quorum of its own.",
        keys: &[
            ID,
            DO,
            TOKEN,
            required(
                "label",
                Value::Label,
                "\"prod-root-g1\"",
                "The label that the token gets or has, 32 bytes at most.",
            ),
            defaults(
                "mode",
                Value::Word(spellings::<ProvisionMode>),
                "\"init\"",
                "\"set-pin\"",
                "`init` initialises the token; `set-pin` replaces both PINs of one that something else initialised; \
                 `adopt` sets nothing.",
            ),
            defaults(
                "content",
                Value::Word(spellings::<TokenContent>),
                "\"blank\"",
                "\"wipe\"",
                "What `init` may find: `blank` takes a blank token only; `wipe` destroys what is on it, after its \
                 serial number was typed.",
            ),
            defaults(
                "quorum",
                Value::Word(spellings::<QuorumHolder>),
                "\"shares\"",
                "\"token\"",
                "Who holds the quorum: `shares` of the officers, or the `token` itself, with its own cards or keys.",
            ),
            defaults(
                "symbols",
                Value::Word(spellings::<PinSymbols>),
                "\"letters\"",
                "\"digits\"",
                "What derived PINs are made of: 32 capital `letters` and digits, or `digits` alone for a PIN pad.",
            ),
            defaults(
                "user-template",
                Value::Template,
                "\"{pin}\"",
                "\"crypto-user:{pin}\"",
                "What the token takes as the user's PIN, with the derived symbols in the place of `{pin}`.",
            ),
            defaults(
                "so-template",
                Value::Template,
                "\"{pin}\"",
                "\"{pin}\"",
                "What it takes as the security officer's PIN.",
            ),
        ],
    },
};

pub(super) const RESHARE: StepShape = StepShape {
    kind: StepKind::Reshare,
    table: Table {
        name: "a `reshare` step",
        meaning: "Replaces the shares that open tokens. The holders and the threshold are the roster's, after a \
                  `change-roster` step those of the new one.",
        keys: &[
            ID,
            DO,
            defaults(
                "set",
                Value::Word(spellings::<ShareSetName>),
                "\"operate\"",
                "\"recovery\"",
                "Which set: `operate` opens tokens, `recovery` will open sealed backups and opens no token. The first \
                 shares of `recovery` are dealt by this step too.",
            ),
            defaults(
                "onto",
                Value::Word(spellings::<Onto>),
                "\"new\"",
                "\"newest\"",
                "`new` deals new shares; `newest` brings tokens that were left behind onto the newest ones.",
            ),
            optional(
                "tokens",
                Value::Names,
                "[\"primary\"]",
                "The tokens whose PINs are replaced; left out: every token that the set opens.",
            ),
        ],
    },
};

pub(super) const CHANGE_ROSTER: StepShape = StepShape {
    kind: StepKind::ChangeRoster,
    table: Table {
        name: "a `change-roster` step",
        meaning: "Replaces the roster, from the next ceremony on. Everybody who joins, or has a new key, approves the \
                  plan beside the officers.",
        keys: &[
            ID,
            DO,
            required(
                "roster",
                Value::Table(&INPUT_FILE),
                "{ file = \"inputs/roster-2.toml\", sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\" }",
                "The new roster.",
            ),
        ],
    },
};

pub(super) const GENERATE_KEY: StepShape = StepShape {
    kind: StepKind::GenerateKey,
    table: Table {
        name: "a `generate-key` step",
        meaning: "Makes a root key on a token.",
        keys: &[
            ID,
            DO,
            TOKEN,
            required(
                "algorithm",
                Value::Word(spellings::<KeyAlgorithm>),
                "\"ecdsa-p256\"",
                "Curve and hash. Only `ecdsa-p256` is taken by every relying system.",
            ),
            required(
                "label",
                Value::Label,
                "\"prod-root-g1\"",
                "The label of both halves, 32 bytes at most, unused on that token.",
            ),
            required(
                "backup",
                Value::Word(spellings::<Backup>),
                "\"none\"",
                "What is left when the token breaks. Said each time, because `none` means: nothing.",
            ),
        ],
    },
};

pub(super) const DESTROY_KEY: StepShape = StepShape {
    kind: StepKind::DestroyKey,
    table: Table {
        name: "a `destroy-key` step",
        meaning: "Removes a root key of an earlier ceremony from its token, for good. Its last CRL has to outlast what it signed.",
        keys: &[
            ID,
            DO,
            required(
                "key",
                Value::Reference,
                "\"ledger:root-key\"",
                "The `generate-key` step that made it, in the ledger.",
            ),
        ],
    },
};
