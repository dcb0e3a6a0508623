"""What the register says about a search, in words."""

from dataclasses import dataclass

from app.core.i18n import _
from app.register.language import Mistake, Wrong

SHOWN_SIGNS = 40


def sentence_of(mistake: Mistake) -> str:
    """What was not understood, and the nearest that is known. The rest of the search holds."""
    told = mistake.text if len(mistake.text) <= SHOWN_SIGNS else f"{mistake.text[:SHOWN_SIGNS]}…"
    if mistake.wrong in (Wrong.OPERATOR, Wrong.VALUE):
        if mistake.nearest:
            return _("“%(text)s” is not known. Did you mean “%(nearest)s”?", text=told, nearest=mistake.nearest)
        if mistake.wrong is Wrong.OPERATOR:
            return _("“%(text)s” is not known. Put quotes around it to search for these words.", text=told)
        return _("“%(text)s” is not known.", text=told)
    sentences = {
        Wrong.EMPTY: lambda: _("Behind “%(text)s” nothing is named.", text=told),
        Wrong.DAY: lambda: _("“%(text)s” names no day. Write 2027-03-01, 2027-03 or 14d, also with < or >.", text=told),
        Wrong.NUMBER: lambda: _("“%(text)s” names no number.", text=told),
        Wrong.QUOTE: lambda: _("The quote in “%(text)s” is not closed. It was read to its end.", text=told),
        Wrong.LONG: lambda: _("Only the first %(most)s signs of the search were read.", most=told),
        Wrong.MANY: lambda: _("Only the first %(most)s parts of the search were read.", most=told),
    }
    return sentences[mistake.wrong]()


@dataclass(frozen=True)
class Help:
    """One line of the help: what can be typed, also in Chinese, and what it finds."""

    typed: str
    in_chinese: str
    finds: str


def operators() -> list[Help]:
    return [
        Help("is:late", "是:逾期", _("past its agreed date")),
        Help("is:silent", "是:无反馈", _("nothing heard for longer than agreed")),
        Help("is:blocked", "是:受阻", _("something stands in the way")),
        Help("is:risk", "是:有风险", _("likely to be late")),
        Help("is:stranded", "是:无人负责", _("the department was dissolved, or the person left")),
        Help("is:open  is:closed", "是:未办结  是:已办结", _("not ended yet; closed")),
        Help("is:stated  is:confirmed", "是:未确认  是:已确认", _("the wording is not confirmed yet; is confirmed")),
        Help("is:unassigned", "是:未交办", _("to be given to a person, and nobody has been asked")),
        Help("is:proposed", "是:拟交办", _("prepared, not handed over")),
        Help("is:waiting  is:handed-back", "是:待接受  是:已退回", _("waits to be accepted; was handed back")),
        Help("is:submitted  is:verified", "是:待验收  是:已验收", _("evidence to verify; verified, to be closed")),
        Help("is:carried", "是:已结转", _("carried over from an earlier gathering")),
        Help("is:unreviewed", "是:未复核", _("a principle whose review is due")),
        Help("owner:me  owner:\"Li Wei\"", "责任人:我", _("who answers for it")),
        Help("verifier:me", "验收人:我", _("who verifies it")),
        Help("dept:research", "部门:研究院", _("a department by its code or name, with those below it")),
        Help("due:<2027-03-01  due:2027-03  due:<14d", "期限:<2027-03-01  期限:<14天", _("due before a day; in a month; within 14 days")),
        Help("carry:>1", "结转:>1", _("how many gatherings it has crossed")),
        Help("silent:>30", "无反馈:>30", _("nothing heard for more than so many days")),
        Help("from:\"opening speech\"", "出自:李伟", _("the speech or the speaker")),
        Help("kind:principle", "类型:原则", _("directive, principle or method")),
        Help("topic:safety", "主题:安全", _("a topic")),
        Help("event:review  year:2027", "会议:复盘  年份:2027", _("the gathering; the year it began in")),
        Help("group:dept", "分组:部门", _("rows grouped by department instead of by speech")),
        Help("-is:closed", "-是:已办结", _("a minus in front: what is not so")),
        Help("\"five plans\"  战略", "\"五个方案\"", _("words, in either language; quotes keep them together")),
    ]  # fmt: skip
