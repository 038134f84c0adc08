//! The real window, driven as a person does it: what it shows, what is pressed, what is typed.
//!
//! A [`Window`] is the built app on the folder of a [`Device`], behind `tauri-driver` and WebKitWebDriver. It is told
//! what to do by WebDriver alone; what another program may say to the hub behind it is said through its `Device`.
//! Everything waits for a condition. What goes wrong panics with the page's text, a picture of it and what the app said.
//! When a window is closed, its page must have reported no error and no breach of the content policy.
//!
//! Names of elements are CSS, with `@name` for `[data-testid="name"]`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a story that cannot go on says so and fails")]

mod axe;
mod bus;
mod drop;
mod group;
mod keys;
mod notices;
mod screen;
mod selector;
mod tools;
mod tree;

pub use bus::Bus;
pub use notices::Notice;
pub use screen::Screen;
pub use tree::Accessible;

use crate::people::{Device, PATIENCE, Process, skip, wait_until};
use group::Group;
use serde_json::{Value, json};
use std::{
    env, fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use thirtyfour::{
    Capabilities,
    error::{WebDriverError, WebDriverErrorInner, WebDriverResult},
    prelude::*,
};
use tokio::runtime::Runtime;
use tools::Tools;

/// Plays a story of the window and says how long it took; says that it is skipped where something is missing.
pub fn story(play: impl FnOnce()) {
    if let Err(missing) = Tools::find() {
        return skip(&format!("{}: {missing}", thread::current().name().unwrap_or("a story of the window")));
    }
    let start = Instant::now();
    play();
    println!("played in {:.1} s", start.elapsed().as_secs_f64());
}

/// Where the hub of an open window listens.
pub fn address(device: &Device) -> SocketAddr {
    let status = device.call(&["status"]);
    status["listen"].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no address in {status:#}"))
}

/// How an app is started.
#[derive(Debug)]
pub struct Opening {
    words: Vec<String>,
    env: Vec<(&'static str, String)>,
}

impl Opening {
    /// On the folder of a device, without mDNS.
    pub fn on(device: &Device) -> Self {
        let folder = device.folder().to_str().expect("temporary paths are text").to_owned();
        let words =
            ["--data", &folder, "--keys", "file", "--listen", "127.0.0.1:0", "--no-mdns"].map(str::to_owned).to_vec();
        // Without a graphics card, WebKit's way over DMA buffers takes several times as long.
        let env = vec![("WEBKIT_DISABLE_DMABUF_RENDERER", "1".into()), ("KITH_LOG", "warn,kith_hub=debug".into())];
        Self { words, env }
    }

    /// Told where another device is.
    pub fn near(mut self, other: SocketAddr) -> Self {
        self.words.extend(["--peer".into(), other.to_string()]);
        self
    }

    /// With one more word on its command line.
    pub fn word(mut self, word: &str) -> Self {
        self.words.push(word.into());
        self
    }

    /// With a variable in its environment.
    pub fn env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    /// On a session bus of its own.
    pub fn bus(mut self, bus: &Bus) -> Self {
        self.env.push(("DBUS_SESSION_BUS_ADDRESS", bus.address().to_owned()));
        self
    }

    /// Opens the window.
    pub fn open(self) -> Window {
        Window::open(&self)
    }

    /// Starts the app with nobody to drive it: for how it ends, and for what is outside of its page.
    pub fn start(self) -> Process {
        let tools = Tools::find().expect("the story began with all it needs");
        Process::start(Command::new(tools.app).args(self.words).envs(self.env), b"")
    }
}

/// An open window.
pub struct Window {
    runtime: Runtime,
    driver: WebDriver,
    group: Group,
}

impl Window {
    /// Opens the window of a device.
    pub fn on(device: &Device) -> Self {
        Opening::on(device).open()
    }

    fn open(opening: &Opening) -> Self {
        let tools = Tools::find().expect("the story began with all it needs");
        let (port, native) = (free_port(), free_port());
        let words = [("--port", port), ("--native-port", native)];
        let words: Vec<_> = words.iter().flat_map(|(word, port)| [(*word).to_owned(), port.to_string()]).collect();
        let group = Group::start(&tools.driver, &words, &opening.env);
        for port in [port, native] {
            wait_until(format!("the driver listens at {port}"), || TcpStream::connect(("127.0.0.1", port)).ok());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads are there");
        let session = async {
            let mut wanted = Capabilities::new();
            wanted.set("browserName", "wry")?;
            wanted.set("tauri:options", json!({ "application": tools.app, "args": opening.words }))?;
            WebDriver::builder(format!("http://127.0.0.1:{port}"), wanted).request_timeout(PATIENCE).connect().await
        };
        let driver = runtime.block_on(session);
        let driver = driver.unwrap_or_else(|error| panic!("the window does not open: {error}\n{}", group.said()));
        let window = Self { runtime, driver, group };
        window.listen();
        window
    }

    // ---- What it shows ---------------------------------------------------------------------------------------------

    /// Waits until it is to be seen.
    pub fn see(&self, what: &str) {
        self.find(what);
    }

    /// Waits until it is to be seen and its text has this in it.
    pub fn see_text(&self, what: &str, text: &str) {
        let said = format!("“{text}” in {what}");
        self.until(&said, TEXT_IS_SHOWN, vec![json!(selector::css(what)), json!(text)]);
    }

    /// Waits until nothing of it is left.
    pub fn gone(&self, what: &str) {
        let gone = "return document.querySelector(arguments[0]) === null || null;";
        self.until(&format!("no more {what}"), gone, vec![json!(selector::css(what))]);
    }

    /// Its text, as it is drawn.
    pub fn text(&self, what: &str) -> String {
        let element = self.find(what);
        self.must(what, async { element.text().await })
    }

    /// An attribute of it, as soon as it is there.
    pub fn attribute(&self, what: &str, name: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null;";
        let value = self.until(&format!("{name} of {what}"), script, vec![json!(selector::css(what)), json!(name)]);
        value.as_str().expect("an attribute is text").to_owned()
    }

    /// What stands in a field.
    pub fn value(&self, what: &str) -> String {
        let element = self.find(what);
        self.must(what, async { element.prop("value").await }).unwrap_or_default()
    }

    /// How many of it are in the page at this moment, in view or not.
    pub fn count(&self, what: &str) -> usize {
        self.texts(what).len()
    }

    /// The texts of all of it at this moment, in the page's order.
    pub fn texts(&self, what: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim());";
        let texts = self.js(script, vec![json!(selector::css(what))]);
        serde_json::from_value(texts).expect("a list of texts")
    }

    /// What a screen reader calls it.
    pub fn accessible_name(&self, what: &str) -> String {
        let element = self.find(what);
        let name = self.must(what, async { keys::accessible_name(&self.driver, &element).await });
        name.as_str().unwrap_or_default().to_owned()
    }

    // ---- What is done to it ----------------------------------------------------------------------------------------

    /// Presses it, as soon as it is there and may be pressed. Where the page moved under the pointer, presses again.
    pub fn click(&self, what: &str) {
        let start = Instant::now();
        loop {
            let element = self.find(what);
            let missed = match self.runtime.block_on(self.press_on(&element)) {
                Ok(true) => return,
                Ok(false) => "the press went elsewhere".to_owned(),
                Err(error) => error.to_string(),
            };
            if start.elapsed() > PATIENCE {
                self.fail(&format!("{what} cannot be pressed: {missed}"));
            }
            thread::sleep(POLL);
        }
    }

    /// Presses it; says whether it heard it.
    async fn press_on(&self, element: &WebElement) -> WebDriverResult<bool> {
        let hear = "window.kithPressed = false;
            const heard = () => (window.kithPressed = true);
            arguments[0].addEventListener('click', heard, { capture: true, once: true });";
        self.driver.execute(hear, vec![element.to_json()?]).await?;
        element.click().await?;
        Ok(self.driver.execute("return window.kithPressed;", vec![]).await?.json() != false)
    }

    /// Writes this text into a field, in place of what is there.
    pub fn write(&self, what: &str, text: &str) {
        self.click(what);
        self.press("Control+a");
        if text.is_empty() {
            return self.press("Delete");
        }
        let element = self.find(what);
        self.must(what, async { element.send_keys(text).await });
        self.until(
            &format!("{what} holds “{text}”"),
            "return document.querySelector(arguments[0])?.value === arguments[1] || null;",
            vec![json!(selector::css(what)), json!(text)],
        );
    }

    /// Presses on it, moves to the middle of something else, and lets go there.
    pub fn drag(&self, what: &str, to: &str) {
        let (held, target) = (self.find(what), self.find(to));
        let actions = async {
            let actions = self.driver.action_chain().click_and_hold_element(&held);
            actions.move_to_element_center(&target).release().perform().await
        };
        self.must(what, actions);
    }

    /// Drags a file from a file manager over it, and lets go there.
    pub fn drop_file(&self, what: &str, path: &str) {
        let script = "const element = document.querySelector(arguments[0]);
            element.scrollIntoView({ block: 'nearest' });
            const { x, y, width, height } = element.getBoundingClientRect();
            return [x + width / 2, y + height / 2];";
        self.see(what);
        let place = self.js(script, vec![json!(selector::css(what))]);
        let [x, y] = [&place[0], &place[1]].map(|part| part.as_f64().unwrap_or_default() as i16);
        Screen::new().drop_file("Kith", Path::new(path), (x, y));
    }

    /// Chooses a file for a file field, which need not be in view.
    pub fn choose_file(&self, what: &str, path: &str) {
        let query = self.driver.query(By::Css(selector::css(what))).wait(PATIENCE, POLL);
        self.must(what, async { query.first().await?.send_keys(path).await });
    }

    /// Chooses an option of a select field by its value, as the keyboard would.
    pub fn select(&self, what: &str, value: &str) {
        let script = "const [field, value] = [document.querySelector(arguments[0]), arguments[1]];
            field.value = value; field.dispatchEvent(new Event('change', { bubbles: true })); return field.value;";
        self.see(what);
        let chosen = self.js(script, vec![json!(selector::css(what)), json!(value)]);
        assert_eq!(chosen, value, "{what} offers no {value}");
    }

    /// Presses a key, wherever the focus is: `Enter`, `ArrowDown`, `e`, `Control+n`.
    pub fn press(&self, keys: &str) {
        self.must(keys, async { keys::press(&self.driver, keys).await });
    }

    /// Types a text, key by key, wherever the focus is.
    pub fn type_text(&self, text: &str) {
        self.must(text, async { self.driver.action_chain().send_keys(text).perform().await });
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.assert_well();
        self.must("the page", async { self.driver.refresh().await });
        self.listen();
    }

    /// Waits until the page has loaded itself again, and listens to it from then on.
    pub fn reloaded(&self) {
        self.until("a fresh page", "return window.kithHeard === undefined || null;", vec![]);
        self.listen();
    }

    /// Resizes the page to this many pixels and waits until it has that size.
    pub fn resize(&self, width: u32, height: u32) {
        self.must("the window", async { self.driver.set_window_rect(0, 0, width, height).await });
        let there = "return innerWidth === arguments[0] && innerHeight === arguments[1] || null;";
        self.until(&format!("{width} × {height}"), there, vec![json!(width), json!(height)]);
    }

    // ---- Beneath ---------------------------------------------------------------------------------------------------

    /// Runs a script in the page and returns what it returns.
    pub fn js(&self, script: &str, words: Vec<Value>) -> Value {
        self.must(script, async { self.driver.execute(script, words).await }).json().clone()
    }

    /// Waits until a script returns something, and returns that.
    pub fn until(&self, what: &str, script: &str, words: Vec<Value>) -> Value {
        let start = Instant::now();
        loop {
            let found = self.js(script, words.clone());
            if !found.is_null() {
                return found;
            }
            if start.elapsed() > PATIENCE {
                self.fail(&format!("{what}: not within {} s", PATIENCE.as_secs()));
            }
            thread::sleep(POLL);
        }
    }

    /// Notes from now on when this text is first drawn in one of these elements; [`Self::drawn`] tells.
    pub fn watch_for(&self, what: &str, text: &str) {
        self.js(WATCH, vec![json!(selector::css(what)), json!(text)]);
    }

    /// Waits until what is watched for is drawn; returns the page's time of it in ms since 1970.
    pub fn drawn(&self) -> f64 {
        let time = self.until("what is watched for", "return window.kithDrawn ?? null;", vec![]);
        time.as_f64().expect("a time")
    }

    /// What the page reported since it was loaded: errors, warnings, breaches of the content policy.
    pub fn heard(&self) -> Vec<String> {
        serde_json::from_value(self.js("return window.kithHeard;", vec![])).expect("a list of texts")
    }

    /// Fails if the page reported anything.
    pub fn assert_well(&self) {
        let heard = self.heard();
        assert!(heard.is_empty(), "the page reported {heard:#?}\n{}", self.group.said());
    }

    /// What the app said on its error output.
    pub fn said(&self) -> String {
        self.group.said()
    }

    /// A picture of the page, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        self.must("a picture", self.take_picture())
    }

    /// WebKit waits for the next frame before it takes a picture, so something has to go on being painted.
    async fn take_picture(&self) -> WebDriverResult<Vec<u8>> {
        self.driver.execute(PAINT, vec![]).await?;
        let picture = self.driver.screenshot_as_png().await;
        self.driver.execute("window.kithPaint.remove();", vec![]).await?;
        picture
    }

    /// Closes the window after a look at what its page reported.
    pub fn close(self) {
        self.assert_well();
    }

    fn listen(&self) {
        self.until("the page", READY, vec![]);
        self.js(LISTEN, vec![]);
    }

    fn find(&self, what: &str) -> WebElement {
        let start = Instant::now();
        loop {
            let query = self.driver.query(By::Css(selector::css(what))).wait(PATIENCE, POLL).and_displayed();
            match self.runtime.block_on(async { query.first().await }) {
                Ok(element) => return element,
                // It was replaced while it was looked at.
                Err(error)
                    if matches!(*error, WebDriverErrorInner::StaleElementReference(_))
                        && start.elapsed() < PATIENCE => {}
                Err(error) => self.fail(&format!("{what} is not to be seen: {error}")),
            }
        }
    }

    fn must<T>(&self, what: &str, work: impl Future<Output = WebDriverResult<T>>) -> T {
        self.runtime.block_on(work).unwrap_or_else(|error: WebDriverError| self.fail(&format!("{what}: {error}")))
    }

    /// Tells all there is to tell.
    fn fail(&self, what: &str) -> ! {
        let look = async {
            let text = self.driver.execute("return document.body.innerText;", vec![]).await;
            let heard = self.driver.execute("return window.kithHeard;", vec![]).await;
            let page =
                format!("{:?}\nreported: {:?}", text.map(|it| it.json().clone()), heard.map(|it| it.json().clone()));
            (page, self.take_picture().await)
        };
        let (page, picture) = self.runtime.block_on(look);
        let path = env::temp_dir().join(format!("kith-window-{}.png", std::process::id()));
        let picture = match picture {
            Ok(bytes) if fs::write(&path, &bytes).is_ok() => path.display().to_string(),
            Ok(_) => "not written".into(),
            Err(error) => format!("none: {error}"),
        };
        panic!("{what}\n---- the page:\n{page}\n---- its picture: {picture}\n---- the app:\n{}", self.group.said())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // The group ends with everything in it, so nobody is asked to end the session.
        let _ended = self.driver.clone().leak();
    }
}

/// A port that nobody listened at a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

const POLL: Duration = Duration::from_millis(20);
const READY: &str =
    "return document.readyState === 'complete' && document.querySelector('main, nav') !== null || null;";
const TEXT_IS_SHOWN: &str = "return [...document.querySelectorAll(arguments[0])]
    .some((one) => one.checkVisibility() && one.innerText.includes(arguments[1])) || null;";
const LISTEN: &str = "if (window.kithHeard) return;
    const heard = (window.kithHeard = []);
    addEventListener('error', (event) => heard.push(`error: ${event.message ?? event.target?.outerHTML}`), true);
    addEventListener('unhandledrejection', ({ reason }) =>
      heard.push(`rejection: ${reason?.stack ?? JSON.stringify(reason)}`));
    document.addEventListener('securitypolicyviolation', (event) =>
      heard.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    for (const level of ['error', 'warn']) {
      const own = console[level];
      console[level] = (...words) => { heard.push(`${level}: ${words.join(' ')}`); own.apply(console, words); };
    }";
const PAINT: &str = "const dot = (window.kithPaint = document.createElement('i'));
    Object.assign(dot.style, { position: 'fixed', top: 0, left: 0, width: '1px', height: '1px', background: 'gray' });
    document.body.append(dot);
    const blink = () => { dot.style.opacity = dot.style.opacity === '0.01' ? '0.02' : '0.01';
      if (dot.isConnected) requestAnimationFrame(blink); };
    blink();";
const WATCH: &str = "const [what, text] = arguments;
    window.kithDrawn = undefined;
    const look = () => [...document.querySelectorAll(what)].some((one) => one.textContent.includes(text));
    const note = () => { if (!look()) return; window.kithDrawn = performance.timeOrigin + performance.now();
      watcher.disconnect(); };
    const watcher = new MutationObserver(note);
    watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    note();";
