"""Dates in words, in the languages that an admin can choose from.

Patterns, days and months are those of the Unicode CLDR, the months as they stand in a date;
browsers have the same. A table, as all of Babel's would be 30 MB of the board.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

# What a pattern has of them.
DAY_AND_MONTH = re.compile(r"{(day|number)}.*{(day|month)}日?")


@dataclass(frozen=True)
class Language:
    """How a language writes dates; names are separated by commas."""

    name: str  # its own
    pattern: str
    near: str  # today and yesterday, where they stand alone
    days: str  # from Monday on
    months: str

    def words(self, date: dt.date) -> str:
        """Return a date in words."""
        return self.pattern.format(
            weekday=self.days.split(", ")[date.weekday()],
            day=date.day,
            month=self.months.split(", ")[date.month - 1],
            number=date.month,
            year=date.year,
        )


LANGUAGES: dict[str, Language] = {
    "en": Language(
        "English",
        "{weekday} {day} {month} {year}",
        "Today, Yesterday",
        "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
        "January, February, March, April, May, June, "
        "July, August, September, October, November, December",
    ),
    "de": Language(
        "Deutsch",
        "{weekday}, {day}. {month} {year}",
        "Heute, Gestern",
        "Montag, Dienstag, Mittwoch, Donnerstag, Freitag, Samstag, Sonntag",
        "Januar, Februar, März, April, Mai, Juni, "
        "Juli, August, September, Oktober, November, Dezember",
    ),
    "fr": Language(
        "Français",
        "{weekday} {day} {month} {year}",
        "Aujourd’hui, Hier",
        "lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche",
        "janvier, février, mars, avril, mai, juin, "
        "juillet, août, septembre, octobre, novembre, décembre",
    ),
    "es": Language(
        "Español",
        "{weekday}, {day} de {month} de {year}",
        "Hoy, Ayer",
        "lunes, martes, miércoles, jueves, viernes, sábado, domingo",
        "enero, febrero, marzo, abril, mayo, junio, "
        "julio, agosto, septiembre, octubre, noviembre, diciembre",
    ),
    "it": Language(
        "Italiano",
        "{weekday} {day} {month} {year}",
        "Oggi, Ieri",
        "lunedì, martedì, mercoledì, giovedì, venerdì, sabato, domenica",
        "gennaio, febbraio, marzo, aprile, maggio, giugno, "
        "luglio, agosto, settembre, ottobre, novembre, dicembre",
    ),
    "nl": Language(
        "Nederlands",
        "{weekday} {day} {month} {year}",
        "Vandaag, Gisteren",
        "maandag, dinsdag, woensdag, donderdag, vrijdag, zaterdag, zondag",
        "januari, februari, maart, april, mei, juni, "
        "juli, augustus, september, oktober, november, december",
    ),
    "pl": Language(
        "Polski",
        "{weekday}, {day} {month} {year}",
        "Dzisiaj, Wczoraj",
        "poniedziałek, wtorek, środa, czwartek, piątek, sobota, niedziela",
        "stycznia, lutego, marca, kwietnia, maja, czerwca, "
        "lipca, sierpnia, września, października, listopada, grudnia",
    ),
    "pt": Language(
        "Português",
        "{weekday}, {day} de {month} de {year}",
        "Hoje, Ontem",
        "segunda-feira, terça-feira, quarta-feira, quinta-feira, sexta-feira, sábado, domingo",
        "janeiro, fevereiro, março, abril, maio, junho, "
        "julho, agosto, setembro, outubro, novembro, dezembro",
    ),
    "sv": Language(
        "Svenska",
        "{weekday} {day} {month} {year}",
        "I dag, I går",
        "måndag, tisdag, onsdag, torsdag, fredag, lördag, söndag",
        "januari, februari, mars, april, maj, juni, "
        "juli, augusti, september, oktober, november, december",
    ),
    "da": Language(
        "Dansk",
        "{weekday} den {day}. {month} {year}",
        "I dag, I går",
        "mandag, tirsdag, onsdag, torsdag, fredag, lørdag, søndag",
        "januar, februar, marts, april, maj, juni, "
        "juli, august, september, oktober, november, december",
    ),
    "nb": Language(
        "Norsk bokmål",
        "{weekday} {day}. {month} {year}",
        "I dag, I går",
        "mandag, tirsdag, onsdag, torsdag, fredag, lørdag, søndag",
        "januar, februar, mars, april, mai, juni, "
        "juli, august, september, oktober, november, desember",
    ),
    "fi": Language(
        "Suomi",
        "{weekday} {day}. {month} {year}",
        "Tänään, Eilen",
        "maanantai, tiistai, keskiviikko, torstai, perjantai, lauantai, sunnuntai",
        "tammikuuta, helmikuuta, maaliskuuta, huhtikuuta, toukokuuta, kesäkuuta, "
        "heinäkuuta, elokuuta, syyskuuta, lokakuuta, marraskuuta, joulukuuta",
    ),
    "cs": Language(
        "Čeština",
        "{weekday} {day}. {month} {year}",
        "Dnes, Včera",
        "pondělí, úterý, středa, čtvrtek, pátek, sobota, neděle",
        "ledna, února, března, dubna, května, června, "
        "července, srpna, září, října, listopadu, prosince",
    ),
    "tr": Language(
        "Türkçe",
        "{day} {month} {year} {weekday}",
        "Bugün, Dün",
        "Pazartesi, Salı, Çarşamba, Perşembe, Cuma, Cumartesi, Pazar",
        "Ocak, Şubat, Mart, Nisan, Mayıs, Haziran, Temmuz, Ağustos, Eylül, Ekim, Kasım, Aralık",
    ),
    "uk": Language(
        "Українська",
        "{weekday}, {day} {month} {year} р.",  # noqa: RUF001, as it is written
        "Сьогодні, Учора",
        "понеділок, вівторок, середа, четвер, пʼятниця, субота, неділя",
        "січня, лютого, березня, квітня, травня, червня, "
        "липня, серпня, вересня, жовтня, листопада, грудня",
    ),
    "ja": Language(
        "日本語",
        "{year}年{number}月{day}日{weekday}",
        "今日, 昨日",
        "月曜日, 火曜日, 水曜日, 木曜日, 金曜日, 土曜日, 日曜日",
        "1月, 2月, 3月, 4月, 5月, 6月, 7月, 8月, 9月, 10月, 11月, 12月",
    ),
    "zh": Language(
        "中文",
        "{year}年{number}月{day}日{weekday}",
        "今天, 昨天",
        "星期一, 星期二, 星期三, 星期四, 星期五, 星期六, 星期日",
        "一月, 二月, 三月, 四月, 五月, 六月, 七月, 八月, 九月, 十月, 十一月, 十二月",
    ),
}


def words(date: dt.date, language: str = "en") -> str:
    """Return a date in words, in a language: Sunday 22 November 2026."""
    return LANGUAGES[language].words(date)


def day_and_month(date: dt.date, language: str = "en") -> str:
    """Return a date without its year: 22 November."""
    found = DAY_AND_MONTH.search(LANGUAGES[language].pattern)
    return replace(LANGUAGES[language], pattern=found[0]).words(date) if found else words(date)


def near(date: dt.date, today: dt.date, language: str = "en") -> str | None:
    """Return the word for today or yesterday; None for any other day."""
    names = LANGUAGES[language].near.split(", ")
    days = (today - date).days
    return names[days] if 0 <= days < len(names) else None
