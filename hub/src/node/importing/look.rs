//! `import.look`: what a file is, before it is imported.

use super::{
    blocking,
    files::{self, Format, Source},
    reading::{card_text, sheet},
};
use crate::{
    api::{Answer, Code, Error, ImportColumn, ImportField, ImportLook, ImportLooked, ImportedFile},
    picture,
};
use kith_core::{
    csv::{Field, Sheet, decode},
    jscontact,
    vcard::{Item, Reader},
};

/// Carries out `import.look`.
pub(crate) async fn look(request: ImportLook) -> Result<Answer, Error> {
    let looked = blocking(move || looked(&files::source(&request.file)?)).await??;
    Ok(Answer::ImportLook(looked))
}

fn looked(source: &Source) -> Result<ImportLooked, Error> {
    let bytes = source.bytes()?;
    let refuse =
        |reason: &dyn std::fmt::Display| Error::new(Code::MalformedFile, format!("{}: {reason}.", source.name));
    let wanted = source.request.charset.as_deref();
    let fields = Field::all().into_iter().map(|(field, label)| ImportField { field: field.to_string(), label });
    let fields = fields.collect();
    let file = |dialect, charset: &str, cards: usize| ImportedFile {
        file: source.name.clone(),
        format: source.format.word().to_owned(),
        dialect,
        charset: charset.to_owned(),
        cards: u32::try_from(cards).unwrap_or(u32::MAX),
    };
    let (file, columns) = match source.format {
        Format::VCard => {
            let (text, charset) = card_text(&bytes, wanted).map_err(|reason| refuse(&reason))?;
            let cards = Reader::new(&text).filter(|item| matches!(item, Item::Card(_))).count();
            (file(String::new(), &charset, cards), Vec::new())
        }
        Format::JsContact => {
            let (text, charset) = decode(&bytes, wanted).map_err(|error| refuse(&error))?;
            let parsed = jscontact::read(&text).map_err(|error| refuse(&error))?;
            (file(String::new(), charset, parsed.cards.len()), Vec::new())
        }
        Format::Picture => {
            let codes = picture::codes(&bytes).map_err(|error| refuse(&error))?;
            (file(String::new(), "", codes.len()), Vec::new())
        }
        Format::Csv => {
            let (text, charset) = decode(&bytes, wanted).map_err(|error| refuse(&error))?;
            // A table whose columns mean nothing yet is looked at so that a person can say what they mean.
            let sheet = match sheet(source, &text) {
                Ok(sheet) => sheet,
                Err(error) if error.code != Code::MalformedFile => return Err(error),
                Err(_) => Sheet::read(&text).map_err(|error| refuse(&error))?,
            };
            (file(sheet.dialect().name(), charset, sheet.count()), columns(&sheet))
        }
    };
    Ok(ImportLooked { file, columns, fields })
}

fn columns(sheet: &Sheet<'_>) -> Vec<ImportColumn> {
    let samples = sheet.samples(SAMPLES).into_iter();
    let columns = sheet.columns().iter().zip(samples).enumerate().map(|(index, (column, samples))| ImportColumn {
        column: u32::try_from(index + 1).unwrap_or(u32::MAX),
        name: column.name.clone(),
        field: column.field.as_ref().map(ToString::to_string).unwrap_or_default(),
        samples,
    });
    columns.collect()
}

/// Values shown of each column.
const SAMPLES: usize = 3;
