//! The X display as a window manager sees it: which windows of a process are in view, and the cross in their corner.

use crate::people::wait_until;
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageData, ClientMessageEvent, ConfigureWindowAux, ConnectionExt,
        EventMask, MapState, Window,
    },
    rust_connection::RustConnection,
};

/// A connection to the display that `DISPLAY` names.
pub struct Screen {
    pub(super) connection: RustConnection,
    pub(super) root: Window,
}

impl Screen {
    /// Connects to it.
    pub fn new() -> Self {
        let (connection, number) = x11rb::connect(None).expect("a display");
        let root = connection.setup().roots[number].root;
        Self { connection, root }
    }

    /// Waits until a window of this process with this title is in view.
    pub fn shows(&self, process: u32, title: &str) {
        wait_until(format!("“{title}” of {process} is in view"), || self.viewable(process, title).map(drop));
    }

    /// Waits until it is not.
    pub fn hides(&self, process: u32, title: &str) {
        wait_until(format!("“{title}” of {process} is hidden"), || {
            self.viewable(process, title).is_none().then_some(())
        });
    }

    /// How large it is, in pixels.
    pub fn size(&self, process: u32, title: &str) -> (u16, u16) {
        let window = self.viewable(process, title).expect("it is in view");
        let asked = self.connection.get_geometry(window).expect("the display is there").reply();
        let geometry = asked.expect("a window has a size");
        (geometry.width, geometry.height)
    }

    /// Resizes it as somebody who drags its corner does.
    pub fn resize(&self, process: u32, title: &str, width: u32, height: u32) {
        let window = self.viewable(process, title).expect("it is in view");
        let size = ConfigureWindowAux::new().width(width).height(height);
        let done = self.connection.configure_window(window, &size).expect("the display is there").check();
        done.expect("the window takes it");
        wait_until(format!("“{title}” is {width} × {height}"), || {
            (self.size(process, title) == (width as u16, height as u16)).then_some(())
        });
    }

    /// Closes it as the cross in its corner does.
    pub fn close(&self, process: u32, title: &str) {
        let window = self.viewable(process, title).expect("it is in view");
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let event = ClientMessageEvent {
            response_type: CLIENT_MESSAGE_EVENT,
            format: 32,
            sequence: 0,
            window,
            type_: protocols,
            data: ClientMessageData::from([delete, 0, 0, 0, 0]),
        };
        let sent = self.connection.send_event(false, window, EventMask::NO_EVENT, event);
        sent.expect("the display is there").check().expect("the window takes it");
    }

    /// The window in view, of this process and title. Windows come and go, so what cannot be asked is not there.
    fn viewable(&self, process: u32, title: &str) -> Option<Window> {
        let pid = self.atom("_NET_WM_PID");
        let of_process = |window| self.property(window, pid).is_some_and(|bytes| bytes == process.to_ne_bytes());
        self.all_titled(title).into_iter().find(|window| of_process(*window))
    }

    /// The window in view with this title, whosever it is.
    pub(super) fn titled(&self, title: &str) -> Option<Window> {
        self.all_titled(title).into_iter().next()
    }

    fn all_titled(&self, title: &str) -> Vec<Window> {
        let name = self.atom("_NET_WM_NAME");
        let tree = self.connection.query_tree(self.root).ok().and_then(|asked| asked.reply().ok());
        let mut windows = tree.map(|tree| tree.children).unwrap_or_default();
        windows.retain(|window| {
            let attributes = self.connection.get_window_attributes(*window).ok().and_then(|asked| asked.reply().ok());
            attributes.is_some_and(|it| it.map_state == MapState::VIEWABLE)
                && self.property(*window, name).is_some_and(|bytes| bytes == title.as_bytes())
        });
        windows
    }

    fn property(&self, window: Window, name: u32) -> Option<Vec<u8>> {
        let asked = self.connection.get_property(false, window, name, AtomEnum::ANY, 0, 256).ok()?;
        asked.reply().ok().map(|reply| reply.value)
    }

    pub(super) fn atom(&self, name: &str) -> u32 {
        let asked = self.connection.intern_atom(false, name.as_bytes()).expect("the display is there");
        asked.reply().expect("the display knows names").atom
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}
