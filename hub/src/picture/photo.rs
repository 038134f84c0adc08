//! A photo made small enough to travel inside a card.

use super::{PictureError, decode};
use base64::{Engine, prelude::BASE64_STANDARD};
use image::{DynamicImage, codecs::jpeg::JpegEncoder, imageops::FilterType};
use kith_core::vcard::{Property, Version};

/// Returns the picture of a card as a JPEG of at most 1024 pixels a side and [`JPEG_BYTES_MAX`], upright, with
/// white where it was transparent. Group and parameters that do not speak of the format stay.
///
/// # Errors
///
/// The property holds no picture, or one that cannot be decoded.
pub fn reduce(property: &Property) -> Result<Property, PictureError> {
    let bytes = inline_bytes(property)?;
    let jpeg = small_jpeg(decode(&bytes, 2 * SIDES_MAX[0])?)?;
    written(property, &jpeg)
}

fn inline_bytes(property: &Property) -> Result<Vec<u8>, PictureError> {
    let line = property.line();
    let data = match line.value.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("data:") => {
            line.value.split_once(',').filter(|(head, _)| head.contains(";base64")).map(|(_, data)| data)
        }
        _ => line
            .params
            .iter()
            .any(|(name, values)| name == "ENCODING" && values.iter().any(|value| is_base64(value)))
            .then_some(line.value.as_str()),
    };
    let data: Vec<u8> =
        data.ok_or(PictureError::NotInline)?.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64_STANDARD.decode(data).map_err(|_| PictureError::Damaged)
}

fn is_base64(encoding: &str) -> bool {
    encoding.eq_ignore_ascii_case("b") || encoding.eq_ignore_ascii_case("base64")
}

fn small_jpeg(picture: DynamicImage) -> Result<Vec<u8>, PictureError> {
    let picture = on_white(&picture);
    let mut jpeg = Vec::new();
    for side in SIDES_MAX {
        let small = match picture.width().max(picture.height()) > side {
            true => picture.resize(side, side, FilterType::CatmullRom),
            false => picture.clone(),
        };
        for quality in QUALITIES {
            jpeg.clear();
            let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
            small.write_with_encoder(encoder).map_err(|_| PictureError::Damaged)?;
            if jpeg.len() <= JPEG_BYTES_MAX {
                return Ok(jpeg);
            }
        }
    }
    Err(PictureError::TooLarge)
}

fn on_white(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.to_rgb8());
    }
    let mut page = image::RgbaImage::from_pixel(picture.width(), picture.height(), image::Rgba([u8::MAX; 4]));
    image::imageops::overlay(&mut page, &picture.to_rgba8(), 0, 0);
    DynamicImage::ImageRgba8(page).to_rgb8().into()
}

/// Writes the picture as the version of the property wants it; one of 2.1 becomes 3.0.
fn written(property: &Property, jpeg: &[u8]) -> Result<Property, PictureError> {
    let line = property.line();
    let data = BASE64_STANDARD.encode(jpeg);
    let kept = ["ENCODING", "TYPE", "VALUE", "MEDIATYPE", "CHARSET"];
    let mut params: std::collections::BTreeMap<_, _> =
        line.params.into_iter().filter(|(name, _)| !kept.contains(&name.as_str())).collect();
    let value = match property.version {
        Version::V40 => format!("data:image/jpeg;base64,{data}"),
        _ => {
            params.insert("ENCODING".to_owned(), vec!["b".to_owned()]);
            params.insert("TYPE".to_owned(), vec!["JPEG".to_owned()]);
            data
        }
    };
    Property::new(property.order, &line.name, &params, line.group.as_deref(), &value)
        .map_err(|_| PictureError::TooLarge)
}

/// The longest sides at which a photo is tried, in pixels.
const SIDES_MAX: [u32; 3] = [1024, 640, 320];
/// Most bytes of a photo inside a card.
const JPEG_BYTES_MAX: usize = 256 * 1024;
/// The qualities at which a photo is tried, of 100.
const QUALITIES: [u8; 5] = [85, 75, 65, 50, 35];
