use serde::Deserialize;

use crate::format::Name;

use super::description::TokenDescription;
use super::error::Error;

/// What is known of a kind of device beyond what PKCS#11 tells (`docs/devices.md`).
///
/// The built-in files `profiles/*.toml` are the only ones: a profile decides what is asked of a root key, so a new
/// one is a reviewed change of the program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeviceProfile {
    /// What bindings call it.
    pub name: Name,
    /// Which devices it is for, in one line.
    pub device: String,
    /// manufacturerID of such devices; missing where the profile is for no one maker's.
    pub manufacturer: Option<String>,
    /// Where its facts come from.
    pub source: String,
    /// Whether this program's own tests run on such a device.
    pub run_here: bool,
    /// Whether such a device is software, which production refuses.
    pub software: bool,
    /// Whether a few wrong PINs lock it. A PIN of fewer than 128 bits is only safe on such a device.
    pub locks_out: bool,
    /// Whether C_InitToken and C_InitPIN may be called on it.
    pub initialise: bool,
    /// What to know of its PINs, in one line.
    pub pin: String,
    /// Attributes that a new private key is asked to have as CK_FALSE, beyond those that every key gets.
    pub wanted_false: Vec<WantedFalse>,
}

/// An attribute of a private key that is better false, but that not every device lets a template name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WantedFalse {
    /// CKA_COPYABLE.
    Copyable,
    /// CKA_DECRYPT.
    Decrypt,
    /// CKA_DERIVE.
    Derive,
    /// CKA_MODIFIABLE.
    Modifiable,
    /// CKA_SIGN_RECOVER.
    SignRecover,
    /// CKA_UNWRAP.
    Unwrap,
}

const FILES: [&str; 3] = [
    include_str!("profiles/generic.toml"),
    include_str!("profiles/kryoptic.toml"),
    include_str!("profiles/softhsm.toml"),
];

impl DeviceProfile {
    /// The names of all profiles.
    pub const NAMES: [&'static str; 3] = ["generic", "kryoptic", "softhsm"];

    /// The profile of that name.
    ///
    /// # Errors
    /// [`Error::Profile`] when there is none.
    pub fn named(name: &Name) -> Result<Self, Error> {
        Self::all().find(|profile| profile.name == *name).ok_or_else(|| Error::Profile { name: name.clone() })
    }

    /// The profile made for the token's manufacturer, where there is one. A proposal for a binding, no decision.
    pub fn proposed_for(token: &TokenDescription) -> Option<Self> {
        Self::all().find(|profile| profile.manufacturer.as_ref() == Some(&token.manufacturer))
    }

    fn all() -> impl Iterator<Item = Self> {
        FILES.iter().filter_map(|file| toml::from_str(file).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_found_under_its_name_and_no_other_is() {
        let names: Vec<String> = FILES
            .iter()
            .map(|file| toml::from_str::<DeviceProfile>(file).unwrap().name.to_string())
            .collect();
        assert_eq!(names, DeviceProfile::NAMES);
        for name in DeviceProfile::NAMES {
            let name = name.parse().unwrap();
            assert_eq!(DeviceProfile::named(&name).unwrap().name, name);
        }
        assert!(matches!(DeviceProfile::named(&"luna".parse().unwrap()), Err(Error::Profile { .. })));
    }

    #[test]
    fn the_document_of_devices_lists_every_profile_as_it_is() {
        let document =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/devices.md")).unwrap();
        for name in DeviceProfile::NAMES {
            let profile = DeviceProfile::named(&name.parse().unwrap()).unwrap();
            let yes = |flag| if flag { "yes" } else { "no" };
            let row = format!(
                "| `{name}` | {} | {} | {} | {} | {} |",
                profile.device,
                yes(profile.run_here),
                yes(profile.software),
                yes(profile.initialise),
                profile.source
            );
            assert!(document.contains(&row), "docs/devices.md lacks this row:\n{row}");
        }
    }
}
