"""Static files: their names, their caching, and what a first view weighs."""

import gzip
import re
from graphlib import CycleError
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.base.assets import Assets, folder
from tests.people import ONE_DATABASE, PAGE, Person, SignIn

FIRST_VIEW = 60 * 1024  # bytes, compressed
FILES = re.compile(r'(?:src|href)="(/static/[^"]+)"')
IMPORTS = re.compile(r'^(?:import|export)\b[^"]*"([^"]+)";$', re.MULTILINE)
GZIP = {"accept-encoding": "gzip"}


def files_of(page: str) -> set[str]:
    return set(FILES.findall(page))


def served(assets: Assets, name: str) -> str:
    """Return a script as a browser gets it."""
    return TestClient(assets).get(assets.url(name).removeprefix(assets.base)).text


def weight(person: Person, path: str) -> int:
    """Return the bytes that travel for one answer, its headers aside."""
    with person.stream("GET", path, headers=PAGE | GZIP) as answer:
        assert answer.status_code == 200
        return len(b"".join(answer.iter_raw()))


@ONE_DATABASE
@pytest.mark.usefixtures("account")
def test_a_hashed_name_is_kept_for_a_year(visitor: Person) -> None:
    files = files_of(visitor.get("/", headers=PAGE).text)
    assert any(name.endswith(".css") for name in files)
    for name in files:
        assert re.search(r"\.[0-9a-f]{16}\.\w+$", name), name
        answer = visitor.get(name)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_hashed_name_changes_with_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one")
    first = Assets(tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("two")
    assert Assets(tmp_path).url("a.css") != first


def test_while_developing_a_changed_file_is_served_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one")
    assets = Assets(tmp_path, watch=True)
    first = assets.url("a.css")
    (tmp_path / "a.css").write_text("two")
    assert assets.url("a.css") != first


MAIN, GUARD, SAY = "js/messages/main.js", "js/messages/guard.js", "js/web/say.js"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Return a folder of three scripts, of which one needs the others."""
    for name, text in {
        MAIN: 'import "./guard.js";\nimport * as voice from "../web/say.js";\nvoice.say();\n',
        GUARD: 'import {\n  say as tell,\n} from "../web/say.js";\ntell("guarded");\n',
        SAY: "export const say = alert;\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_script_is_served_with_all_that_it_imports_each_once(scripts: Path) -> None:
    assets = Assets(scripts, "/board")
    assert served(assets, MAIN) == (
        "const $0 = (() => {\n"
        "const say = alert;\nreturn { say };\n})();\n"
        "const $1 = (() => {\n"
        "const {\nsay: tell,\n} = $0;\n"
        'tell("guarded");\nreturn {  };\n})();\n'
        "const $2 = (() => {\n"
        "const voice = $0;\nvoice.say();\nreturn {  };\n})();\n"
    )
    assert served(assets, SAY) == "export const say = alert;\n"


def test_what_a_script_exports_and_changes_is_seen_as_it_is(scripts: Path) -> None:
    (scripts / SAY).write_text("export let said = 0;\nexport const say = () => { said += 1; };\n")
    (scripts / GUARD).write_text('import * as voice from "../web/say.js";\nvoice.say();\n')
    assert "return { get said() { return said; }, say };" in served(Assets(scripts), GUARD)


def test_a_scripts_name_changes_with_what_it_imports(scripts: Path) -> None:
    assets = Assets(scripts, watch=True)
    before = {assets.url(name) for name in (MAIN, GUARD, SAY)}
    (scripts / SAY).write_text("export const say = print;\n")
    assert not before & {assets.url(name) for name in (MAIN, GUARD, SAY)}


def test_a_script_is_served_without_its_comments(scripts: Path) -> None:
    text = "// Why.\nexport function say() {\n  // As it is.\n  return 'a // b';   // all\n}\n"
    (scripts / SAY).write_text(text)
    assert served(Assets(scripts), SAY) == "export function say() {\nreturn 'a // b';\n}\n"


@pytest.mark.parametrize(
    "text",
    [
        "export default alert;\n",
        "export { alert as say };\n",
        'import say from "./none.js";\n',
        "export let say = alert;\n",  # taken by its name, it would stay as it was
    ],
)
def test_a_script_that_imports_or_exports_in_another_way_is_refused_at_the_start(
    scripts: Path, text: str
) -> None:
    (scripts / SAY).write_text(text)
    with pytest.raises(ValueError, match="js/"):
        Assets(scripts)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('import "./none.js";\n', FileNotFoundError),
        ('import "../messages/main.js";\n', CycleError),
    ],
)
def test_a_script_that_cannot_run_is_refused_at_the_start(
    scripts: Path, text: str, error: type[Exception]
) -> None:
    (scripts / "js/web/say.js").write_text(text)
    with pytest.raises(error, match="js/"):
        Assets(scripts)


@ONE_DATABASE
@pytest.mark.parametrize("path", ["/", "/msgs", "/msgs?before=9", "/account", "/docs"])
def test_no_script_of_a_page_waits_for_another(alice: Person, visitor: Person, path: str) -> None:
    page = (visitor if path == "/" else alice).get(path, headers=PAGE).text
    for name in files_of(page):
        text = visitor.get(name).text if name.endswith(".js") else ""
        assert not IMPORTS.search(text), name
    assert page.count('<script type="module"') == 1


@ONE_DATABASE
def test_a_plain_name_works_and_is_asked_for_again(visitor: Person) -> None:
    answer = visitor.get("/static/css/style.css")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    again = visitor.get("/static/css/style.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    changed = visitor.get("/static/css/style.css", headers={"if-none-match": '"other"'})
    assert changed.status_code == 200


@ONE_DATABASE
def test_files_are_compressed_when_asked(visitor: Person) -> None:
    plain = visitor.get("/static/css/style.css", headers={"accept-encoding": "identity"})
    small = visitor.get("/static/css/style.css", headers=GZIP)
    assert plain.content == small.content == (folder("static") / "css/style.css").read_bytes()
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert plain.headers["vary"] == small.headers["vary"] == "Accept-Encoding"


@ONE_DATABASE
def test_head_tells_the_length_and_sends_nothing(visitor: Person) -> None:
    get, head = (visitor.request(way, "/static/css/style.css") for way in ("GET", "HEAD"))
    assert head.headers["content-length"] == get.headers["content-length"]
    assert (head.status_code, head.content) == (200, b"")


@ONE_DATABASE
@pytest.mark.usefixtures("account")
def test_pages_are_compressed_when_asked_and_never_kept(visitor: Person) -> None:
    for headers, encoding in ((GZIP, "gzip"), ({"accept-encoding": "identity"}, None)):
        answer = visitor.get("/", headers=PAGE | headers)
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["cache-control"] == "no-store"


@ONE_DATABASE
@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static",
        "/static/css",
        "/static/nothing.css",
        "/static/src/style.css",
        "/static/src/package.json",
        "/static/../service/base/config.py",
        "/static/%2e%2e/service/base/config.py",
        "/static/css/../../pyproject.toml",
        "/static//etc/passwd",
        "/static/css/style.0000000000000000.css",
        "/static/css/style.css%00",
    ],
)
def test_what_is_outside_the_folder_or_unknown_is_not_served(visitor: Person, path: str) -> None:
    assert visitor.get(path).status_code == 404


@ONE_DATABASE
def test_no_file_names_another_address(visitor: Person) -> None:
    for file in (folder("static") / "js").glob("[!v]*/*.js"):
        assert not re.search(r"https?://", file.read_text()), file.name
    style = visitor.get("/static/css/style.css").text
    assert not re.search(r"url\(\s*[\"']?(?!data:)", style)
    assert "@import" not in style


@ONE_DATABASE
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("path", ["/", "/msgs", "/account"])
def test_a_first_view_weighs_less_than_60_kib(sign_in: SignIn, visitor: Person, path: str) -> None:
    person = visitor if path == "/" else sign_in("alice")
    for number in range(50 if path == "/msgs" else 0):
        person.post("/api/message", json={"message": f"Message {number}, as long as most are."})
    page = person.get(path, headers=PAGE).text
    total = weight(person, path) + sum(weight(person, name) for name in files_of(page))
    assert total < FIRST_VIEW
    assert total > 5000  # something was weighed


@ONE_DATABASE
def test_every_file_is_compressed_as_small_as_gzip_can(visitor: Person) -> None:
    for file in (folder("static") / "js").rglob("*.js"):
        path = f"/static/{file.relative_to(folder('static')).as_posix()}"
        plain = visitor.get(path, headers={"accept-encoding": "identity"}).content
        assert weight(visitor, path) == len(gzip.compress(plain, 9))
