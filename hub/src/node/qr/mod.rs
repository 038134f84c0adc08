//! QR codes: a contact as one, and reading them from a picture or the screen.

mod mecard;
mod small;
#[cfg(test)]
mod tests;

use super::{
    contacts::contact_or_me,
    work::{Outcome, Scene},
};
use crate::{
    api::{Answer, Code, ContactQr, Error, QrFound, QrScan, QrText},
    picture::{self, PictureError},
    screen,
    store::{self, Connection},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use fast_qr::{ECL, Mode, QRBuilder, convert::svg::SvgBuilder};
use kith_core::{card, pairing::PairingLink};

/// `contacts.qr`.
pub(super) fn show(id: &str, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let id = match contact_or_me(id, scene, rows)? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = store::entity(rows, id)?.unwrap_or_default();
    let properties: Vec<_> = card::properties(&entity, None).into_iter().map(|(_, property)| property).collect();
    let small = small::card(&properties);
    let Some(svg) = svg(&small.text) else {
        let message = "The name alone is longer than a QR code holds. Shorten it, or export the contact instead.";
        return Ok(Err(Error::new(Code::TooLarge, message)));
    };
    Ok(Ok(Answer::ContactsQr(ContactQr { svg, text: small.text, left_out: small.left_out })))
}

fn svg(text: &str) -> Option<String> {
    if text.len() > small::TEXT_BYTES_MAX {
        return None;
    }
    let code = QRBuilder::new(text).mode(Mode::Byte).ecl(ECL::M).build().ok()?;
    Some(SvgBuilder::default().to_str(&code))
}

/// `qr.scan`. Blocks; with the screen, until the person has picked a part of it.
pub(super) fn scan(request: &QrScan) -> Result<Answer, Error> {
    let picture = match &request.picture {
        Some(picture) if picture.len() / 4 * 3 > picture::PICTURE_BYTES_MAX => {
            return Err(PictureError::TooLarge.into());
        }
        Some(picture) => {
            BASE64_STANDARD.decode(picture).map_err(|_| Error::new(Code::BadRequest, "The picture is not base64."))?
        }
        None => screen::region()?,
    };
    let codes = picture::codes(&picture)?.into_iter().map(read).collect();
    Ok(Answer::QrScan(QrFound { codes }))
}

/// Says what a code holds; the cards of Japanese telephones are given as vCards.
fn read(text: String) -> QrText {
    if let Some(card) = card_in(&text) {
        return QrText { kind: "card".to_owned(), text: card };
    }
    let kind = if text.parse::<PairingLink>().is_ok() { "pair" } else { "other" };
    QrText { kind: kind.to_owned(), text }
}

/// Returns the vCards that a code's text is or stands for.
pub(crate) fn card_in(text: &str) -> Option<String> {
    let begins = |with: &str| text.trim_start().get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if begins("BEGIN:VCARD") { Some(text.to_owned()) } else { mecard::to_vcard(text) }
}

impl From<PictureError> for Error {
    fn from(error: PictureError) -> Self {
        let code = match error {
            PictureError::NoCode => Code::NotFound,
            PictureError::TooLarge => Code::TooLarge,
            PictureError::NotInline => Code::BadRequest,
            PictureError::Format | PictureError::Damaged => Code::MalformedFile,
        };
        let sentence = error.to_string();
        let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
        Self::new(code, format!("{}{rest}.", first.to_uppercase()))
    }
}
