//! Frames: version, kind, length, payload. Whatever does not fit the format is the work of a hostile peer.

use kith_core::limits::FRAME_BYTES_MAX;

/// Length of the head, in bytes: `u8` version, `u8` kind, `u32` length of what follows, big-endian.
pub(super) const HEAD_BYTES: usize = 6;
/// The version of the format.
const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Payloads longer than this are compressed, in bytes.
const COMPRESS_ABOVE_BYTES: usize = 1024;
const ZSTD_LEVEL: i32 = 1;

/// The bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidFrame {
    /// A version or kind that does not exist.
    #[error("a frame of an unknown version or kind")]
    Head,
    /// Longer than a frame may be, before or after decompression.
    #[error("a frame longer than a frame may be")]
    TooLong,
    /// What claims to be compressed is not.
    #[error("a frame that does not decompress")]
    Compression,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    compressed: bool,
    /// Length of the payload on the wire, in bytes.
    pub(super) len: usize,
}

impl Head {
    /// Reads a head; the length is within the limit.
    pub(super) fn decode([version, kind, len @ ..]: [u8; HEAD_BYTES]) -> Result<Self, InvalidFrame> {
        let len = usize::try_from(u32::from_be_bytes(len)).map_err(|_| InvalidFrame::TooLong)?;
        match (version, kind) {
            (VERSION, PLAIN | ZSTD) if len > FRAME_BYTES_MAX => Err(InvalidFrame::TooLong),
            (VERSION, PLAIN | ZSTD) => Ok(Self { compressed: kind == ZSTD, len }),
            _ => Err(InvalidFrame::Head),
        }
    }

    /// Gives the payload of what came after the head.
    pub(super) fn open(self, body: Vec<u8>) -> Result<Vec<u8>, InvalidFrame> {
        if !self.compressed {
            return Ok(body);
        }
        // Our own frames state their length, so a bomb is seen before a byte of it is unpacked.
        let len = zstd::zstd_safe::get_frame_content_size(&body).map_err(|_| InvalidFrame::Compression)?;
        let len = len.and_then(|len| usize::try_from(len).ok()).ok_or(InvalidFrame::Compression)?;
        if len > FRAME_BYTES_MAX {
            return Err(InvalidFrame::TooLong);
        }
        let payload = zstd::bulk::decompress(&body, len).map_err(|_| InvalidFrame::Compression)?;
        if payload.len() == len { Ok(payload) } else { Err(InvalidFrame::Compression) }
    }
}

/// Appends the frame of a payload, compressed if that makes it shorter. The payload must be within the limit.
pub(super) fn encode(payload: &[u8], into: &mut Vec<u8>) {
    let packed = (payload.len() > COMPRESS_ABOVE_BYTES).then(|| zstd::bulk::compress(payload, ZSTD_LEVEL).ok());
    let packed = packed.flatten().filter(|packed| packed.len() < payload.len());
    let (kind, body) = packed.as_deref().map_or((PLAIN, payload), |packed| (ZSTD, packed));
    into.extend_from_slice(&[VERSION, kind]);
    // The limit on payloads lies far below 4 GiB.
    into.extend_from_slice(&(body.len() as u32).to_be_bytes());
    into.extend_from_slice(body);
}

/// Reads a frame: its payload is never longer than a payload may be, and reads back.
#[cfg(feature = "fuzz")]
pub fn fuzz_frame(bytes: &[u8]) {
    let Some((head, body)) = bytes.split_first_chunk() else { return };
    let Ok(head) = Head::decode(*head) else { return };
    let Some(body) = body.get(..head.len) else { return };
    let Ok(payload) = head.open(body.to_vec()) else { return };
    assert!(payload.len() <= FRAME_BYTES_MAX);
    let mut again = Vec::new();
    encode(&payload, &mut again);
    let (head, body) = again.split_first_chunk().expect("a frame has a head");
    assert_eq!(Head::decode(*head).and_then(|head| head.open(body.to_vec())), Ok(payload));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(frame: &[u8]) -> Result<Vec<u8>, InvalidFrame> {
        let (head, body) = frame.split_first_chunk().unwrap();
        let head = Head::decode(*head)?;
        assert_eq!(head.len, body.len());
        head.open(body.to_vec())
    }

    fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[VERSION, kind], (body.len() as u32).to_be_bytes().as_slice(), body].concat()
    }

    #[test]
    fn a_frame_reads_back_and_only_long_ones_are_compressed() {
        for len in [0, 1, COMPRESS_ABOVE_BYTES, COMPRESS_ABOVE_BYTES + 1, FRAME_BYTES_MAX] {
            let (payload, mut frame) = (vec![7; len], Vec::new());
            encode(&payload, &mut frame);
            assert_eq!(decode(&frame), Ok(payload));
            assert_eq!(frame[1], u8::from(len > COMPRESS_ABOVE_BYTES));
            assert!(frame.len() <= HEAD_BYTES + COMPRESS_ABOVE_BYTES);
        }
    }

    #[test]
    fn what_does_not_shrink_travels_plain() {
        let noise: Vec<u8> = (0..64_u32).flat_map(|n| *blake3::hash(&n.to_be_bytes()).as_bytes()).collect();
        let mut frame = Vec::new();
        encode(&noise, &mut frame);
        assert_eq!((frame[1], frame.len()), (PLAIN, HEAD_BYTES + noise.len()));
    }

    #[test]
    fn heads_of_other_versions_kinds_and_lengths_are_refused() {
        assert_eq!(Head::decode([2, 0, 0, 0, 0, 1]), Err(InvalidFrame::Head));
        assert_eq!(Head::decode([1, 2, 0, 0, 0, 1]), Err(InvalidFrame::Head));
        assert_eq!(Head::decode([1, 0, 0, 0x10, 0, 1]), Err(InvalidFrame::TooLong));
        assert_eq!(Head::decode([1, 1, 0xff, 0xff, 0xff, 0xff]), Err(InvalidFrame::TooLong));
        assert_eq!(Head::decode([1, 0, 0, 0x10, 0, 0]).map(|head| head.len), Ok(FRAME_BYTES_MAX));
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let bomb = zstd::bulk::compress(&vec![0; 256 << 20], 1).unwrap();
        assert!(bomb.len() < FRAME_BYTES_MAX);
        assert_eq!(decode(&framed(ZSTD, &bomb)), Err(InvalidFrame::TooLong));
        let one_too_many = zstd::bulk::compress(&vec![0; FRAME_BYTES_MAX + 1], 1).unwrap();
        assert_eq!(decode(&framed(ZSTD, &one_too_many)), Err(InvalidFrame::TooLong));
    }

    #[test]
    fn a_frame_that_lies_about_its_length_is_refused() {
        let (small, large) =
            (zstd::bulk::compress(&[1; 2000], 1).unwrap(), zstd::bulk::compress(&[1; 9000], 1).unwrap());
        assert_eq!(decode(&framed(ZSTD, &[small.clone(), large].concat())), Err(InvalidFrame::Compression));
        assert_eq!(decode(&framed(ZSTD, &small[..small.len() - 1])), Err(InvalidFrame::Compression));
        assert_eq!(decode(&framed(ZSTD, b"not zstd at all")), Err(InvalidFrame::Compression));
        assert_eq!(decode(&framed(ZSTD, &[])), Err(InvalidFrame::Compression));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(head: [u8; HEAD_BYTES], body: Vec<u8>) {
            if let Ok(head) = Head::decode(head) {
                let _ = head.open(body);
            }
        }

        #[test]
        fn a_changed_frame_never_grows_beyond_the_limit(at in 0..60_usize, to: u8) {
            let mut frame = Vec::new();
            encode(&b"kith ".repeat(900), &mut frame);
            let at = HEAD_BYTES + at % (frame.len() - HEAD_BYTES);
            frame[at] = to;
            prop_assert!(decode(&frame).map_or(0, |payload| payload.len()) <= FRAME_BYTES_MAX);
        }
    }
}
