//! Finding QR codes in a picture: photographed at an angle, small in a large screen, light on dark.

use super::{PictureError, decode};
use image::{GrayImage, imageops};

/// Returns what the QR codes in a picture say, each once, in the order they were found.
///
/// # Errors
///
/// The picture cannot be decoded, or there is no code in it.
pub fn codes(bytes: &[u8]) -> Result<Vec<String>, PictureError> {
    let picture = decode(bytes, SIDE_MAX)?.into_luma8();
    let mut texts = Vec::new();
    let longest = picture.width().max(picture.height());
    // As it is, a picture from a screen is sharpest; smaller, a photo loses its noise; larger, small modules are found.
    let sides = [SIDE_SMALL, longest, SIDE_MIDDLE, SIDE_MAX];
    for side in sides.into_iter().filter(|side| *side == SIDE_SMALL || *side <= longest * ENLARGE_MAX) {
        let scaled =
            if longest == side { picture.clone() } else { scale(&picture, f64::from(side) / f64::from(longest)) };
        for inverted in [false, true] {
            let seen = search(&scaled, inverted, &mut texts);
            if seen && !texts.is_empty() {
                return Ok(texts);
            }
        }
    }
    if texts.is_empty() { Err(PictureError::NoCode) } else { Ok(texts) }
}

fn scale(picture: &GrayImage, factor: f64) -> GrayImage {
    let side = |length: u32| ((f64::from(length) * factor).round() as u32).max(1);
    imageops::resize(picture, side(picture.width()), side(picture.height()), imageops::FilterType::Triangle)
}

/// Looks for codes in one scale and polarity; returns whether every one that was found could be read.
fn search(picture: &GrayImage, inverted: bool, texts: &mut Vec<String>) -> bool {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixel = |x: usize, y: usize| {
        let value = picture.as_raw()[y * width + x];
        if inverted { u8::MAX - value } else { value }
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    let mut all = true;
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        match grid.decode_to(&mut bytes) {
            Ok(_) => {
                let text = text(bytes);
                if !texts.contains(&text) && texts.len() < CODES_MAX {
                    texts.push(text);
                }
            }
            Err(_) => all = false,
        }
    }
    all
}

/// Reads the bytes of a code: UTF-8, else the Shift_JIS of Japanese telephones, else Windows-1252.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.as_bytes();
        let (japanese, _, broken) = encoding_rs::SHIFT_JIS.decode(bytes);
        if !broken { japanese.into_owned() } else { encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned() }
    })
}

/// The longest sides at which a picture is looked at besides its own, in pixels.
const SIDE_SMALL: u32 = 900;
const SIDE_MIDDLE: u32 = 1600;
const SIDE_MAX: u32 = 3000;
/// By how much a small picture is enlarged at most, after the first try.
const ENLARGE_MAX: u32 = 4;
/// Most codes of one picture.
const CODES_MAX: usize = 64;
