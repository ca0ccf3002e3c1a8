"""A message can be seen before it is sent, with and without a script."""

from tests.people import HTMX, ONE_DATABASE, PAGE, PROGRAM, Person, texts

TYPED = "**Bold** </textarea>\n- one"
SHOWN = '<strong>Bold</strong> &lt;/textarea&gt;<ul dir="auto"><li>one</li></ul>'
FORM = {"message": TYPED, "client_key": "k-1"}


@ONE_DATABASE
def test_without_a_script_the_page_shows_the_text_above_the_form_that_keeps_it(
    alice: Person,
) -> None:
    page = alice.post("/api/preview", data=FORM, headers=PAGE)
    assert page.status_code == 200
    assert f'<div class="text" dir="auto">{SHOWN}</div>' in page.text
    assert ">\n**Bold** &lt;/textarea&gt;\n- one</textarea>" in page.text
    assert 'name="client_key" value="k-1"' in page.text
    assert texts(alice) == []


@ONE_DATABASE
def test_a_page_is_given_the_text_alone_and_a_program_its_html(alice: Person) -> None:
    fragment = alice.post("/api/preview", data=FORM, headers=HTMX).text
    assert SHOWN in fragment
    assert "<form" not in fragment
    assert alice.post("/api/preview", json=FORM, headers=PROGRAM).json() == {"html": SHOWN}


@ONE_DATABASE
def test_what_could_not_be_sent_is_said_at_once(alice: Person) -> None:
    for text, words in ((" ", "Write something first."), ("x" * 4001, "this one has 4001")):
        page = alice.post("/api/preview", data=FORM | {"message": text}, headers=PAGE)
        assert page.status_code == 422
        assert words in page.text
        assert f">\n{text}</textarea>" in page.text
        assert alice.post("/api/preview", data={"message": text}, headers=HTMX).status_code == 422


@ONE_DATABASE
def test_who_may_not_write_has_no_preview(guest: Person, visitor: Person) -> None:
    assert guest.post("/api/preview", json=FORM, headers=PROGRAM).status_code == 403
    assert visitor.post("/api/preview", json=FORM, headers=PROGRAM).status_code == 401
    assert "composer-look" not in guest.get("/msgs", headers=PAGE).text
