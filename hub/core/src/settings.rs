//! Settings that a person's own devices share: registers of the entity [`book::SETTINGS`].

use crate::{
    book::{self, SETTINGS},
    contact::phone,
    entity::Entity,
    path::Path,
    quiet::{InvalidQuietHours, QuietHours},
    replica::Edit,
};
use icu_locale_core::Locale;

/// The settings as they stand. What nobody has set is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The region whose telephone numbers are written without a country code (ISO 3166-1 alpha-2), e.g. `DE`.
    pub region: String,
    /// The language whose order names are sorted in (BCP 47), e.g. `sv`.
    pub sort_locale: String,
    /// `given` or `family`: which name comes first in the order of the list.
    pub sort_by: String,
    /// Quiet hours, e.g. `22:00-07:00` ([`QuietHours`]).
    pub quiet: String,
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// See [`Settings::region`].
    Region,
    /// See [`Settings::sort_locale`].
    SortLocale,
    /// See [`Settings::sort_by`].
    SortBy,
    /// See [`Settings::quiet`].
    Quiet,
}

/// A setting cannot have that value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// No such region has telephone numbers.
    #[error("the region is given by two letters as in ISO 3166, such as DE or US")]
    Region,
    /// It is not a language tag.
    #[error("the language of the order is given as in BCP 47, such as sv or zh-u-co-stroke")]
    SortLocale,
    /// It is neither of the two.
    #[error("the list is sorted by given or by family")]
    SortBy,
    /// They are no hours.
    #[error("{0}")]
    Quiet(#[from] InvalidQuietHours),
}

impl Settings {
    /// Reads the settings from their entity. What this version does not understand counts as not set.
    pub fn of(entity: &Entity) -> Self {
        let read = |setting: Setting| {
            let text = entity.register(&setting.path()).and_then(|register| register.value()).and_then(book::read_text);
            text.and_then(|text| setting.checked(&text).ok()).unwrap_or_default()
        };
        Self {
            region: read(Setting::Region),
            sort_locale: read(Setting::SortLocale),
            sort_by: read(Setting::SortBy),
            quiet: read(Setting::Quiet),
        }
    }

    /// Returns the quiet hours, if there are some.
    pub fn quiet_hours(&self) -> Option<QuietHours> {
        self.quiet.parse().ok()
    }

    /// Returns the region, if it is known.
    pub fn region(&self) -> Option<&str> {
        Some(&*self.region).filter(|region| !region.is_empty())
    }
}

impl Setting {
    /// Returns the register that holds the setting.
    pub fn path(self) -> Path {
        Path::setting(match self {
            Self::Region => "region",
            Self::SortLocale => "sort-locale",
            Self::SortBy => "sort-by",
            Self::Quiet => "quiet",
        })
    }

    /// Returns the edit that sets it; an empty text takes the setting back. Settings have no `state`.
    ///
    /// # Errors
    ///
    /// The setting cannot have that value.
    pub fn set(self, text: &str) -> Result<Edit, InvalidSetting> {
        let value = self.checked(text)?;
        let value = (!value.is_empty()).then(|| book::text_value(&value));
        Ok(Edit { entity: SETTINGS, path: self.path(), value })
    }

    /// Returns the value as it is kept; empty for an empty text.
    fn checked(self, text: &str) -> Result<String, InvalidSetting> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        match self {
            Self::Region => phone::known_region(text).ok_or(InvalidSetting::Region),
            Self::SortLocale if text.len() <= LOCALE_BYTES_MAX => {
                Locale::try_from_str(text).map(|locale| locale.to_string()).map_err(|_| InvalidSetting::SortLocale)
            }
            Self::SortLocale => Err(InvalidSetting::SortLocale),
            Self::Quiet => Ok(text.parse::<QuietHours>()?.to_string()),
            Self::SortBy => {
                let word = text.to_ascii_lowercase();
                if matches!(&*word, "given" | "family") { Ok(word) } else { Err(InvalidSetting::SortBy) }
            }
        }
    }
}

/// Longest language tag, in bytes.
const LOCALE_BYTES_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::DeviceId, register::Sibling, vector::Vector};

    #[test]
    fn settings_are_checked_and_come_back_from_their_registers() {
        let mut entity = Entity::default();
        let wanted = [
            (Setting::Region, "de"),
            (Setting::SortLocale, "SV-se"),
            (Setting::SortBy, "Family "),
            (Setting::Quiet, "22:00-7:00"),
        ];
        for (setting, text) in wanted {
            let edit = setting.set(text).expect("it is a good value");
            assert_eq!(edit.entity, SETTINGS);
            let sibling = Sibling { device: DeviceId([1; 16]), seq: 1, clock: 0, value: edit.value };
            entity.register_mut(&edit.path).merge(sibling, &Vector::default());
        }
        let settings = Settings::of(&entity);
        assert_eq!(settings.region(), Some("DE"));
        assert_eq!((&*settings.sort_locale, &*settings.sort_by), ("sv-SE", "family"));
        assert_eq!(settings.quiet, "22:00-07:00");
        assert_eq!(Settings::of(&Entity::default()), Settings::default());
        assert_eq!(Setting::Region.set("").expect("it is taken back").value, None);
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for text in ["Germany", "ZZ", "001", "D"] {
            assert_eq!(Setting::Region.set(text), Err(InvalidSetting::Region), "{text}");
        }
        for text in ["swedish order", "s", &"a-".repeat(100)] {
            assert_eq!(Setting::SortLocale.set(text), Err(InvalidSetting::SortLocale), "{text}");
        }
        assert_eq!(Setting::SortBy.set("first"), Err(InvalidSetting::SortBy));
    }
}
