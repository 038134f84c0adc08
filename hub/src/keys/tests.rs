//! Keys in files: open, sealed, moved, damaged. Key stores are tried by the stories.

use super::*;

fn keys() -> Keys {
    Keys { device: DeviceId([1; 16]), person: PersonId([2; 32]), sign: [3; 32], tls: [4; 32] }
}

fn keeper(folder: &Path, passphrase: Option<&str>) -> Keeper {
    let passphrase_file = passphrase.map(|text| {
        let file = folder.join("passphrase");
        std::fs::write(&file, text).unwrap();
        file
    });
    Keeper::new(folder, KeyOptions { place: KeyPlace::File, passphrase_file })
}

fn has_secrets(folder: &Path) -> bool {
    let bytes = std::fs::read(folder.join(KEYS)).unwrap();
    bytes.windows(32).any(|window| window == [3; 32] || window == [4; 32])
}

#[test]
fn a_folder_without_keys_is_not_set_up() {
    let folder = tempfile::tempdir().unwrap();
    assert!(keeper(folder.path(), None).load().unwrap().is_none());
}

#[test]
fn a_file_of_plain_keys_as_earlier_versions_wrote_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(KEYS), rmp_serde::to_vec_named(&keys()).unwrap()).unwrap();
    let keeper = Keeper::new(folder.path(), KeyOptions { place: KeyPlace::Any, passphrase_file: None });
    assert_eq!(keeper.load().unwrap().unwrap().tls, [4; 32]);
    assert_eq!(keeper.kept(), Kept::File);
}

#[test]
fn sealed_keys_open_with_their_passphrase_and_with_no_other() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(keeper(folder.path(), Some("correct horse\n")).keep(&keys()).unwrap(), Kept::Sealed);
    assert!(!has_secrets(folder.path()));
    assert_eq!(keeper(folder.path(), Some("correct horse\r\n")).load().unwrap().unwrap().sign, [3; 32]);
    assert!(matches!(keeper(folder.path(), Some("correct horse ")).load(), Err(KeysError::WrongPassphrase)));
    assert!(matches!(keeper(folder.path(), None).load(), Err(KeysError::NoPassphrase)));

    let file = folder.path().join(KEYS);
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(matches!(keeper(folder.path(), Some("correct horse")).load(), Err(KeysError::WrongPassphrase)));
}

#[test]
fn keys_that_lie_open_are_sealed_when_a_passphrase_is_given() {
    let folder = tempfile::tempdir().unwrap();
    keeper(folder.path(), None).keep(&keys()).unwrap();
    assert!(has_secrets(folder.path()));
    assert_eq!(keeper(folder.path(), Some("x")).load().unwrap().unwrap().tls, [4; 32]);
    assert!(!has_secrets(folder.path()));
    assert_eq!(keeper(folder.path(), None).kept(), Kept::Sealed);
}

#[test]
fn what_is_no_passphrase_and_what_are_no_keys_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "\n", &"x".repeat(PASSPHRASE_BYTES_MAX + 1), &"x".repeat(1 << 20)] {
        assert!(matches!(keeper(folder.path(), Some(text)).keep(&keys()), Err(KeysError::BadPassphrase(_))));
    }
    for bytes in [&b""[..], b"keys", &[0xff; 200]] {
        std::fs::write(folder.path().join(KEYS), bytes).unwrap();
        let error = keeper(folder.path(), None).load().unwrap_err();
        assert!(matches!(error, KeysError::Damaged(_)) && error.to_string().ends_with('.'), "{error}");
    }
    std::fs::write(folder.path().join(KEYS), vec![0; KEYS_BYTES_MAX + 1]).unwrap();
    assert!(matches!(keeper(folder.path(), None).load(), Err(KeysError::File(..))));
}

#[test]
fn a_key_store_that_says_nothing_counts_as_absent() {
    let silent = within(Duration::from_millis(10), || {
        std::thread::sleep(Duration::from_secs(60));
        Ok(())
    });
    assert_eq!(silent, Err(StoreFault::Silent));
}
