"""Pictures of letters as mail programs show them, from their snapshots: as wide as a phone and a desk, in light and dark.

Usage: letters.py, with Debian's chromium and chromedriver.
"""

import base64
import json
import pathlib
import re
import subprocess
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SNAPSHOTS = ROOT / "tests/suite/greetings/snapshots"
PICTURES = ROOT / "docs/screenshots"


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.driver.stdout:
            port = re.search(r"on port (\d+)\.", line)
            if port:
                self.url = f"http://127.0.0.1:{port[1]}/session"
                break
        options = {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]}
        capabilities = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.url += "/" + self.post("", capabilities)["sessionId"]

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["value"]

    def do(self, command, **parameters):
        return self.post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.url, method="DELETE"))
        self.driver.terminate()


def main():
    browser = Browser()
    for occasion in ["before_arrival", "birthday", "points_expiring"]:
        for language in ["en", "zh-CN"]:
            [snapshot] = SNAPSHOTS.glob(f"*__{occasion}-{language}.snap")
            html = "<!doctype html>" + snapshot.read_text("utf-8").split("<!doctype html>")[1]
            page = base64.b64encode(html.encode()).decode()
            for width in [360, 700]:
                for scheme in ["light", "dark"]:
                    media = [{"name": "prefers-color-scheme", "value": scheme}]
                    browser.do("Emulation.setEmulatedMedia", features=media)
                    browser.do("Emulation.setDeviceMetricsOverride", width=width, height=100, deviceScaleFactor=1, mobile=False)
                    browser.post("/url", {"url": f"data:text/html;charset=utf-8;base64,{page}"})
                    shot = browser.do("Page.captureScreenshot", captureBeyondViewport=True)
                    name = f"letter-{occasion}-{language[:2]}-{scheme}-{width}.png"
                    (PICTURES / name).write_bytes(base64.b64decode(shot["data"]))
    browser.close()


if __name__ == "__main__":
    main()
