"""Opens files in headless Chromium and says what came of each, as JSON.

    browser.py REQUESTS    a JSON array of objects with the members below, all but `page` optional

    page          path of the file
    width         of the window in CSS pixels
    dark          whether the person prefers dark colours
    until         a JavaScript expression that is waited for until it is true
    value         a JavaScript expression whose value is answered
    screenshot    where a PNG of the whole page goes
    pdf           where a PDF goes
    paper         [width, height] of its sheets in inches

Each answer of the array has `value`, `said` (whatever the page wrote to the console, errors and violations of its policy among it)
and `requested` (addresses other than the file itself). Chromium is spoken to through a pipe: no port is opened.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

WAIT_SECONDS = 60


class Browser:
    def __init__(self, profile):
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()

        def pipes():
            # The protocol's places: 3 is read by the browser, 4 is written.
            os.dup2(to_browser, 30)
            os.dup2(from_browser, 40)
            os.dup2(30, 3)
            os.dup2(40, 4)

        command = ["chromium", "--headless", "--remote-debugging-pipe", "--disable-gpu", "--disable-quic"]
        command += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
        command += ["--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + profile]
        if os.geteuid() == 0:
            command += ["--no-sandbox"]
        self.process = subprocess.Popen(
            command, preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session = b"", 0, None

    def read(self):
        while b"\0" not in self.buffer:
            part = os.read(self.input, 1 << 16)
            if not part:
                raise SystemExit("chromium ended")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, message):
        if message.get("sessionId") != self.session:
            return
        method, given = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled":
            words = [str(one.get("value", one.get("description", ""))) for one in given["args"]]
            self.said.append(given["type"] + ": " + " ".join(words))
        elif method == "Runtime.exceptionThrown":
            details = given["exceptionDetails"]
            self.said.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded":
            self.said.append(given["entry"]["source"] + ": " + given["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requested.append(given["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def ask(self, method, **given):
        self.number += 1
        message = {"id": self.number, "method": method, "params": given}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.note(answer)

    def value(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(expression + ": " + json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def open(self, address, width, dark):
        self.session, self.said, self.requested, self.loaded = None, [], [], False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.ask(domain + ".enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url=address)
        while not self.loaded:
            self.note(self.read())

    def wait(self, expression):
        ends = time.monotonic() + WAIT_SECONDS
        while not self.value(expression):
            if time.monotonic() > ends:
                raise SystemExit("never true: " + expression + "\n" + "\n".join(self.said))
            time.sleep(0.05)

    def end(self):
        self.session = None
        try:
            self.ask("Browser.close")
            self.process.wait(timeout=10)
        except (OSError, SystemExit, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


def answer(browser, request):
    address = pathlib.Path(request["page"]).absolute().as_uri()
    browser.open(address, request.get("width", 1280), request.get("dark", False))
    if "until" in request:
        browser.wait(request["until"])
    value = browser.value(request["value"]) if "value" in request else None
    if "screenshot" in request:
        picture = browser.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        pathlib.Path(request["screenshot"]).write_bytes(base64.b64decode(picture["data"]))
    if "pdf" in request:
        width, height = request["paper"]
        sheets = browser.ask("Page.printToPDF", paperWidth=width, paperHeight=height, preferCSSPageSize=False)
        pathlib.Path(request["pdf"]).write_bytes(base64.b64decode(sheets["data"]))
    requested = [one for one in browser.requested if one not in (address, "about:blank")]
    return {"value": value, "said": browser.said, "requested": requested}


def main():
    # Processes of the browser may still write there when the first one has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            print(json.dumps([answer(browser, request) for request in json.loads(sys.argv[1])]))
        finally:
            browser.end()


main()
