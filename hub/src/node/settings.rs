//! Settings that all own devices share.

use super::work::{Outcome, Planned};
use crate::{
    api::{Answer, Code, Error, Settings, SettingsSet},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    book, card,
    contact::phone,
    replica::{Draft, Rows},
    settings::{self, Setting},
};

/// The settings as committed rows have them.
pub(super) fn read(rows: &Connection) -> Result<settings::Settings, StoreError> {
    Ok(store::entity(rows, book::SETTINGS)?.as_ref().map(settings::Settings::of).unwrap_or_default())
}

/// The settings as the writer sees them.
pub(super) fn of(rows: &mut Writing<'_>) -> Result<settings::Settings, StoreError> {
    Ok(settings::Settings::of(rows.entity(book::SETTINGS)?))
}

/// `settings.show`.
pub(super) fn show(rows: &Connection) -> Outcome<Answer> {
    let settings = read(rows)?;
    // Whoever has said need not be asked.
    let suggested = if settings.region.is_empty() { suggested_region(rows)? } else { None };
    Ok(Ok(Answer::SettingsShow(answer(settings, suggested))))
}

/// `settings.set`.
pub(super) fn set(request: &SettingsSet, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let mut settings = of(rows)?;
    let wanted = [
        (Setting::Region, &request.region, &mut settings.region),
        (Setting::SortLocale, &request.sort_locale, &mut settings.sort_locale),
        (Setting::SortBy, &request.sort_by, &mut settings.sort_by),
    ];
    let mut edits = Vec::new();
    for (setting, text, place) in wanted {
        let Some(text) = text else { continue };
        let edit = match setting.set(text) {
            Ok(edit) => edit,
            Err(error) => return Ok(Err(Error::new(Code::BadRequest, format!("{text}: {error}.")))),
        };
        let value = edit.value.as_deref().and_then(book::read_text).unwrap_or_default();
        if *place != value {
            *place = value;
            edits.push(edit);
        }
    }
    let suggested = if settings.region.is_empty() { suggested_region(rows.connection())? } else { None };
    let answer = Answer::SettingsSet(answer(settings, suggested));
    // Not for undo, which is about contacts: a setting is set back where it was set.
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], answer, "")))
}

fn answer(settings: settings::Settings, suggested: Option<String>) -> Settings {
    let settings::Settings { region, sort_locale, sort_by, .. } = settings;
    let sort_by = if sort_by.is_empty() { GIVEN.to_owned() } else { sort_by };
    Settings { region, region_suggested: suggested.unwrap_or_default(), sort_locale, sort_by }
}

/// The region that the book's numbers suggest, else the system's language. A suggestion, for a person to confirm.
fn suggested_region(rows: &Connection) -> Result<Option<String>, StoreError> {
    let ids = store::all_contacts(rows)?;
    let mut numbers = Vec::new();
    for &id in ids.iter().step_by(ids.len().div_ceil(CONTACTS_ASKED).max(1)) {
        let entity = store::entity(rows, id)?.unwrap_or_default();
        let said = card::statements(&entity).into_iter().map(|said| said.property);
        numbers.extend(said.filter(|property| property.name() == "TEL").map(|property| property.line().value));
    }
    let by_numbers = phone::suggest_region(numbers.iter().map(String::as_str));
    let locale = LOCALE_VARIABLES.iter().filter_map(|name| std::env::var(name).ok()).find(|locale| !locale.is_empty());
    Ok(by_numbers.or_else(|| phone::region_of_locale(&locale?)))
}

/// The order of the list unless it is set.
const GIVEN: &str = "given";
/// Contacts whose numbers are looked at for a suggestion, from all over the book.
const CONTACTS_ASKED: usize = 1_000;
/// Where POSIX says in which country one telephones, in order of precedence.
const LOCALE_VARIABLES: [&str; 3] = ["LC_ALL", "LC_TELEPHONE", "LANG"];
