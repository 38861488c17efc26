"""A person at the dashboard, in a real browser: drops a picture, asks, sees the hit; on a desktop and a phone, light and dark.

Needs the program (FOVEA_PROGRAM) and the checkout (FOVEA_SOURCE_DIR); leaves screenshots in FOVEA_SCREENSHOTS, for people to look
at. Nothing waits for a time to pass: every wait is for something to be seen.
"""

import base64
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PROGRAM = os.environ["FOVEA_PROGRAM"]
SAMPLES = Path(os.environ["FOVEA_SOURCE_DIR"]) / "samples"
SCREENSHOTS = Path(os.environ.get("FOVEA_SCREENSHOTS") or tempfile.mkdtemp(prefix="fovea-dashboard-"))
PATIENCE_S = 30  # for a small machine that does other work too
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> What is it?"


class Server:
    """`fovea serve` on a free port."""

    def __init__(self, *flags):
        command = [PROGRAM, "serve", "--port", "0", "--max-tokens", "24", *flags]
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if found := re.search(r" at (http://\S+)", line):
                self.url = found[1]
                break
        else:
            raise RuntimeError("fovea serve ended: " + "".join(said))
        self.until_answers()
        # Read to the end, so that the server never waits for somebody to read what it says.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def until_answers(self):
        """The line with the address may be read a moment before the first connection is taken."""
        for _ in range(PATIENCE_S * 20):
            try:
                return urllib.request.urlopen(self.url + "/health").close()
            except urllib.error.URLError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.url} cannot be reached")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait()
        self.process.stderr.close()
        if code != 0:
            raise RuntimeError(f"fovea serve ended with {code}")


def hash_of(key):
    ran = subprocess.run([PROGRAM, "serve", "--hash-key"], input=key, text=True, capture_output=True, check=True)
    return ran.stdout.strip()


def browser():
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(flag)
    options.add_argument("--force-prefers-reduced-motion")  # what moves would differ from screenshot to screenshot
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium")
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


class Page:
    """The dashboard, in terms of what a person does and sees."""

    def __init__(self, driver, url):
        self.driver = driver
        driver.get(url)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def until(self, condition, what):
        wait = WebDriverWait(self.driver, PATIENCE_S, poll_frequency=0.05)
        return wait.until(lambda _: condition(), f"not seen in {PATIENCE_S} s: {what}")

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0]).textContent", selector)

    def until_live(self):
        self.until(lambda: self.text("#live") == "Live", "the first numbers")

    def until_preview(self):
        loaded = "const p = document.getElementById('preview'); return !p.hidden && p.complete && p.naturalWidth > 0"
        self.until(lambda: self.script(loaded), "the picture to ask about")

    def choose(self, sample):
        self.find("#file").send_keys(str(SAMPLES / sample))
        self.until_preview()

    def drop(self, sample):
        before = self.find("#preview").get_attribute("src")
        self.script(
            """const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));
               const dataTransfer = new DataTransfer();
               dataTransfer.items.add(new File([bytes], arguments[1], {type: "image/png"}));
               document.getElementById("drop").dispatchEvent(
                 new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));""",
            base64.b64encode((SAMPLES / sample).read_bytes()).decode(),
            sample,
        )
        self.until(lambda: self.find("#preview").get_attribute("src") != before, "the dropped picture")
        self.until_preview()

    def ask(self, question):
        """The chip of the answer to a question that is typed and sent with the Enter key."""
        self.script("document.getElementById('outcome-head').replaceChildren()")  # so that what is waited for is new
        field = self.find("#question")
        field.clear()
        field.send_keys(question, Keys.ENTER)
        # The head ends with how long it took, in place of "answering", once the answer is whole.
        self.until(lambda: re.search(r"in [\d.]+ m?s$", self.text("#outcome-head")), "the answer's end")
        self.until(lambda: self.text("#send") == "Ask", "the next question's turn")
        return self.text("#outcome-head .chip")

    def cards(self):
        return self.script(
            """return [...document.querySelectorAll("#recent-requests > li")].map((card) => {
                 const image = card.querySelector("img");
                 return {question: card.querySelector(".question").textContent, answer: card.querySelector(".answer").textContent,
                         chip: card.querySelector(".chip").textContent, facts: card.querySelector(".facts").textContent,
                         picture: Boolean(image && image.complete && image.naturalWidth > 0),
                         heat: Boolean(card.querySelector("canvas.heat"))};
               })"""
        )

    def until_cards(self, number):
        """All cards, with their pictures, the newest first."""
        seen = lambda: len(self.cards()) == number and all(card["picture"] for card in self.cards())
        self.until(seen, f"{number} recent requests with their pictures")
        return self.cards()

    def enter_key(self, key):
        self.until(lambda: self.find("#key-dialog").get_attribute("open"), "the question for a key")
        self.find("#key").send_keys(key, Keys.ENTER)

    def errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def view(self, width, height, scheme):
        mobile = width < 600
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def screenshot(self, name, part=""):
        """The window as it is, and the whole page; or a part of it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        if part:
            return (SCREENSHOTS / f"{name}.png").write_bytes(self.find(part).screenshot_as_png)
        for suffix, whole in (("", False), ("-whole", True)):
            size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            clip = {"clip": {**size, "scale": 1}} if whole else {}
            shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole, **clip})
            (SCREENSHOTS / f"{name}{suffix}.png").write_bytes(base64.b64decode(shot["data"]))


class DashboardTest(unittest.TestCase):
    def open(self, *flags):
        self.server = Server(*flags)
        self.addCleanup(self.server.stop)
        driver = browser()
        self.addCleanup(driver.quit)
        return Page(driver, self.server.url)

    def test_a_picture_is_dropped_asked_about_and_remembered(self):
        page = self.open("--attention")
        page.until_live()
        self.assertIn("fovea-tiny", page.text("#model"))
        self.assertTrue(page.find("#recent-empty").is_displayed())
        page.view(1280, 900, "light")
        page.screenshot("empty-desktop-light")

        page.choose("five.png")
        self.assertEqual(page.ask("What shape is blue?"), "Computed")
        answer = page.text("#answer")
        self.assertRegex(answer, r"\w")
        self.assertTrue(page.all("#waterfall li"))
        self.assertEqual(page.ask("What shape is blue?"), "Response hit")
        self.assertEqual(page.text("#answer"), answer)
        self.assertIn("The model was not asked", page.text("#hint"))
        page.drop("three.png")
        self.assertEqual(page.ask("How many shapes are there?"), "Computed")
        self.assertIn(page.ask("What shape is red?"), ("Prefix hit", "Embedding hit"))
        page.choose("photo.jpg")
        page.ask(HOSTILE)

        cards = page.until_cards(5)
        self.assertEqual(cards[0]["question"], HOSTILE, "shown as the text that it is")
        self.assertNotEqual(page.driver.title, "taken")
        self.assertFalse(page.all("#recent-requests script, #recent-requests .words img"))
        self.assertEqual([card["chip"] for card in cards[3:]], ["Response hit", "Computed"])
        self.assertIn("saved", cards[3]["facts"])
        self.assertEqual(cards[4]["answer"], answer)
        self.assertTrue(cards[4]["heat"], "what a computed answer attended to")
        self.assertFalse(cards[3]["heat"], "a stored answer attended to nothing today")

        self.assertEqual(page.text("#requests"), "5")
        self.assertRegex(page.text("#saved"), r"^[\d.]+ m?s$")
        self.assertIn("Response20 %1 of 5", page.text("#hits"))
        self.assertTrue(page.find("#memory-card").is_displayed())
        self.assertIn("Encode", page.text("#latency"))
        self.assertTrue(page.all("#timeline rect"))
        page.drop("five.png")
        self.assertEqual(page.ask("What shape is blue?"), "Response hit")
        self.take_screenshots(page)
        self.assertEqual(page.errors(), [])

    def take_screenshots(self, page):
        page.until_cards(6)
        page.script("document.activeElement.blur(); scrollTo(0, 0)")
        for device, width, height in (("desktop", 1280, 900), ("phone", 390, 844)):
            for scheme in ("light", "dark"):
                page.view(width, height, scheme)
                wide = "return document.documentElement.scrollWidth - innerWidth"
                self.assertLessEqual(page.script(wide), 0, f"nothing to scroll sideways for at {width} pixels")
                page.screenshot(f"{device}-{scheme}")

    def test_the_keyboard_reaches_everything(self):
        page = self.open("--attention")
        page.until_live()
        page.find("#example").send_keys(Keys.ENTER)
        page.until_preview()
        self.assertIn("?", page.find("#question").get_attribute("value"))
        page.find("#question").send_keys(Keys.ENTER)
        page.until_cards(1)
        page.script("document.activeElement.blur()")
        reached = []
        for _ in range(12):
            ActionChains(page.driver).send_keys(Keys.TAB).perform()
            reached.append(page.script("return document.activeElement.id || document.activeElement.className"))
        for name in ("skip", "file", "example", "question", "temperature", "send", "heat"):
            self.assertIn(name, reached)
        page.find("#heat").send_keys(Keys.SPACE)
        hidden = "return getComputedStyle(document.querySelector('.heat')).display"
        self.assertEqual(page.script(hidden), "none", "the switch takes the heat map away")
        unnamed = """return [...document.querySelectorAll("input, button, img, svg")].filter((e) => !e.hidden &&
            !(e.labels?.length || e.textContent.trim() || e.hasAttribute("aria-label") || e.hasAttribute("alt"))).map((e) => e.id)"""
        self.assertEqual(page.script(unnamed), [], "everything has a name for screen readers")
        self.assertEqual(page.errors(), [])

    def test_what_cannot_be_asked_is_said(self):
        page = self.open()
        page.until_live()
        page.find("#send").click()
        self.assertIn("Choose a picture", page.text("#outcome-head"))
        page.script(
            """const dataTransfer = new DataTransfer();
               dataTransfer.items.add(new File(["no picture"], "notes.png", {type: "image/png"}));
               document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true}));"""
        )
        page.until(lambda: "cannot show" in page.text("#drop-text"), "that the browser cannot show it")
        page.find("#question").send_keys("What is it?", Keys.ENTER)
        page.until(lambda: "This is text" in page.text("#outcome-head"), "the server's refusal")

    def test_tiers_are_shown_with_what_goes_wrong(self):
        folder = Path(tempfile.mkdtemp(prefix="fovea-dashboard-tiers-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        (folder / "fleet.key").write_text("0123456789abcdef" * 4)
        with socket.socket() as nobody:  # its port is taken and nobody listens: every connection is refused
            nobody.bind(("127.0.0.1", 0))
            shared = f"valkey://127.0.0.1:{nobody.getsockname()[1]}"
            page = self.open("--disk-cache", str(folder / "disk"), "--disk-size", "256MiB",
                             "--shared", shared, "--fleet-key-file", str(folder / "fleet.key"))
            page.until_live()
            page.choose("three.png")
            page.ask("How many shapes are there?")
            disk, server = ("#tiers article:nth-of-type(%d)" % number for number in (1, 2))
            page.until(lambda: "Embeddings" in page.text("#tiers"), "what the disk keeps")
            page.until(lambda: "Last fault" in page.text("#tiers"), "the server's fault")
            self.assertEqual(page.text(f"{disk} h3"), "Disk")
            self.assertEqual(page.text(f"{disk} .tier-head p"), "Working")
            self.assertRegex(page.text(f"{disk} .bars"), r"Stored[\d.]+ [KM]iB\d+ entr.*, at most [\d.]+ MiB")
            self.assertIn("No fault so far", page.text(disk))
            self.assertEqual(page.text(f"{server} h3"), "Shared server")
            page.until(lambda: "for now" in page.text(f"{server} .tier-head p"), "that the server is left alone")
            self.assertIn(shared.removeprefix("valkey://"), page.text(f"{server} .fault"))
            self.assertEqual(page.errors(), [])
            for width, height, scheme in ((1280, 900, "light"), (390, 844, "dark")):
                page.view(width, height, scheme)
                wide = "return document.documentElement.scrollWidth - innerWidth"
                self.assertLessEqual(page.script(wide), 0, f"nothing to scroll sideways for at {width} pixels")
                page.screenshot(f"tiers-{scheme}", "#tiers-part")

    def test_a_key_shows_its_own_requests_only(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as keys:
            for name in ("alice", "bob"):
                keys.write(f'[tenants.{name}]\nkeys = ["{hash_of(name + "-key")}"]\nrequests_per_minute = 5\n')
            keys.flush()
            page = self.open("--keys", keys.name)
        page.enter_key("no key")
        page.until(lambda: "without spaces" in page.text("#key-error"), "what a key is made of")
        page.find("#key").clear()
        page.enter_key("wrong")
        page.until(lambda: "not known" in page.text("#key-error"), "that the key is unknown")
        page.screenshot("key")
        page.enter_key("alice-key")
        page.until_live()
        page.choose("one.png")
        page.ask("What do I see, as Alice?")
        page.until_cards(1)
        self.assertFalse(page.find("#memory-card").is_displayed(), "the numbers of the levels are of all tenants")
        self.assertFalse(page.find("#tiers-part").is_displayed())
        picture = page.script("return import('/dashboard/requests.js').then((requests) => requests.shownRequests()[0].images[0].key)")

        page.find("#change-key").click()
        page.enter_key("bob-key")
        page.until(lambda: "bob" in page.text("#model"), "Bob's page")
        self.assertEqual(page.cards(), [])
        self.assertEqual(page.text("#requests"), "0")
        self.assertNotIn("Alice", page.text("#recent-requests"))
        self.assertEqual(self.status(f"/v1/dashboard/thumbnails/{picture}", "bob-key"), 404)
        self.assertEqual(self.status(f"/v1/dashboard/thumbnails/{picture}", "alice-key"), 200)
        self.assertEqual(self.status("/v1/dashboard/state", ""), 401)
        for _ in range(10):
            self.assertEqual(self.status("/v1/dashboard/state", "bob-key"), 200, "polling does not use up the tenant's limits")

    def status(self, path, key):
        request = urllib.request.Request(self.server.url + path, headers={"Authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(request) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def test_the_page_may_load_nothing_from_elsewhere(self):
        server = Server()
        self.addCleanup(server.stop)
        with urllib.request.urlopen(server.url + "/") as response:
            page, headers = response.read().decode(), response.headers
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", headers["Content-Security-Policy"])
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["Cache-Control"], "no-cache")
        self.assertNotRegex(page, r"""(src|href)=["'](https?:)?//""")
        for path in ("/dashboard/nothing", "/dashboard/../service.cc", "/v1/dashboard/thumbnails/zz"):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(server.url + path)
            self.assertEqual(refused.exception.code, 404)
            refused.exception.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
