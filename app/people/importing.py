"""Taking over people and departments from a table: guess the columns, say row by row what would happen, then do it all."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _, _l, _lp
from app.core.roles import Actor
from app.core.text import fold, one_line
from app.people import policy, queries, services
from app.people.directory import Directory
from app.people.errors import ImportRefused
from app.people.models import CLEARANCE_LABELS, Clearance, Department, Import, Person
from app.sheets import mapping
from app.sheets.reading import Table

MOST_ROWS = 5000
PEOPLE, DEPARTMENTS = "people", "departments"
KIND_LABELS = {PEOPLE: _l("People"), DEPARTMENTS: _l("Departments")}
FIELDS = {
    PEOPLE: {
        "employee_no": _l("Employee number"),
        "name": _lp("person", "Name"),
        "name_local": _lp("person", "Chinese name"),
        "email": _l("E-mail address"),
        "phone": _l("Phone"),
        "language": _l("Language"),
        "department": _l("Department"),
        "title": _lp("person", "Title"),
        "title_local": _lp("person", "Chinese title"),
        "since": _l("In position since"),
        "manager": _l("Manager"),
        "left_on": _l("Left on"),
        "clearance": _lp("classification", "Reads up to"),
    },
    DEPARTMENTS: {
        "code": _l("Code"),
        "name": _l("Name"),
        "name_local": _l("Chinese name"),
        "parent": _l("Belongs to"),
        "head": _l("Head"),
        "valid_from": _l("Exists from"),
        "valid_to": _l("Exists until"),
    },
}
# What the columns are called in the files of others, folded and without signs between the words.
ALSO_CALLED = {
    "employee_no": "employee no|employee number|employee id|staff id|staff number|number|no|id|工号|员工编号|员工号|编号",
    "name": "name|full name|english name|姓名|名字|名称|英文名|英文姓名|部门名称|姓名或名称|department name",
    "name_local": "chinese name|local name|name zh|name chinese|name in chinese|中文名|中文姓名|中文名称",
    "email": "e mail|email|mail|e mail address|email address|邮箱|电子邮件|电子邮箱|邮件|邮件地址|邮箱地址|电子邮件地址",
    "phone": "phone|telephone|mobile|phone number|电话|手机|手机号|电话号码|联系电话",
    "language": "language|lang|语言",
    "department": "department|dept|department code|unit|部门|所属部门|部门代码",
    "title": "title|position|job title|post|职务|职位|岗位|英文职务",
    "title_local": "chinese title|title zh|title in chinese|position zh|中文职务|中文职位",
    "since": "since|in position since|from|position since|任职日期|任职时间|任职起始|任职起",
    "manager": "manager|reports to|line manager|supervisor|上级|直接上级|主管|直属上级",
    "left_on": "left on|left|leaving date|离职日期|离职时间",
    "clearance": "clearance|reads up to|classification level|密级|知密级别|涉密等级|可阅密级",
    "code": "code|department code|代码|部门代码|编码|部门编码",
    "parent": "parent|belongs to|parent department|above|上级部门|隶属|所属",
    "head": "head|head of department|lead|manager|负责人|部门负责人|主管",
    "valid_from": "valid from|exists from|from|since|成立日期|设立日期|起始日期|生效日期",
    "valid_to": "valid to|exists until|until|to|dissolved on|撤销日期|终止日期|失效日期",
}
LANGUAGE_WORDS = {"en": "en", "english": "en", "英文": "en", "英语": "en", "zh": "zh_Hans_CN", "zh_hans_cn": "zh_Hans_CN",
                  "zh-cn": "zh_Hans_CN", "chinese": "zh_Hans_CN", "中文": "zh_Hans_CN", "简体中文": "zh_Hans_CN"}  # fmt: skip
# As our own export writes them in either language, and by number.
CLEARANCE_WORDS = {"public": 0, "internal": 1, "restricted": 2, "secret": 3, "公开": 0, "内部": 1, "秘密": 2, "机密": 3,
                   "0": 0, "1": 1, "2": 2, "3": 3}  # fmt: skip
LONGEST = {"email": 254, "phone": 40, "employee_no": 40, "code": 40}

NEW, CHANGED, SAME, ERROR = "new", "changed", "same", "error"
VERDICT_LABELS = {NEW: _l("New"), CHANGED: _l("Changed"), SAME: _l("Same"), ERROR: _l("Error")}


@dataclass
class RowPlan:
    """What would happen to one row; `changes` are {field: (before, after)} in words."""

    number: int
    label: str
    verdict: str = SAME
    sentence: str = ""
    record: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def wrong(self, sentence: str) -> None:
        self.verdict, self.sentence = ERROR, f"{self.sentence} {sentence}".strip()


@dataclass
class Plan:
    rows: list[RowPlan]

    @property
    def counts(self) -> dict[str, int]:
        return {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in VERDICT_LABELS}

    @property
    def digest(self) -> str:
        """Changes when the directory, or the mapping, has changed so that something else would happen."""
        told = [(row.number, row.verdict, sorted(row.changes.items())) for row in self.rows]
        return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:32]


def fields_of(kind: str, actor: Actor) -> dict[str, Any]:
    """What may be read from a table, and stands in an export. Up to which level people read is for administrators."""
    hidden = () if policy.may_set_clearance(actor) else ("clearance",)
    return {name: label for name, label in FIELDS[kind].items() if name not in hidden}


def all_fields_of(actor: Actor) -> dict[str, dict[str, Any]]:
    return {kind: fields_of(kind, actor) for kind in FIELDS}


def guess(kind: str, columns: Sequence[str]) -> dict[str, int]:
    """Which column holds which field, from the headings in English or Chinese. No column is taken twice."""
    called = {name: f"{ALSO_CALLED[name]}|{mapping.bare(str(label))}" for name, label in FIELDS[kind].items()}
    return mapping.guess(called, columns)


# --- acts ---------------------------------------------------------------------------------------------------------


def open_import(kind: str, file_name: str, table: Table, *, actor: Actor) -> Import:
    """Keep an uploaded table for its dry run. An unfinished one of the same person is dropped."""
    require(policy.may_keep_directory(actor))
    if not table.rows:
        raise ImportRefused(_("This table has a heading but no rows."), field="file")
    if len(table.rows) > MOST_ROWS:
        raise ImportRefused(_("This table has more than %(most)s rows. Please split it.", most=MOST_ROWS), field="file")
    db.session.execute(delete(Import).where(Import.by_id == actor.id, Import.applied_at.is_(None)))
    opened = Import(
        kind=kind,
        file_name=one_line(file_name)[:200] or "table",
        columns=[one_line(each)[:200] for each in table.columns],
        mapping={name: at for name, at in guess(kind, table.columns).items() if name in fields_of(kind, actor)},
        rows=[
            {"row": str(row.number), **{str(at): one_line(cell)[:1000] for at, cell in enumerate(row.cells) if cell}}
            for row in table.rows
        ],
        by_id=actor.id,
    )
    db.session.add(opened)
    db.session.flush()
    audit.record(actor, "import.opened", opened, kind=kind, rows=len(table.rows))
    return opened


def choose_columns(opened: Import, columns: dict[str, int | None], *, actor: Actor) -> None:
    """Correct the guess. One column cannot be two fields."""
    require(_may_work_on(actor, opened))
    _refuse_applied(opened)
    offered = fields_of(opened.kind, actor)
    opened.mapping = mapping.chosen({name: at for name, at in columns.items() if name in offered}, opened.columns)
    audit.record(actor, "import.columns_chosen", opened)


def apply_import(opened: Import, *, digest: str, actor: Actor, leave_out_errors: bool = False) -> dict[str, int]:
    """Do what the dry run said, all of it or nothing; how many rows of each verdict there were."""
    require(_may_work_on(actor, opened))
    _refuse_applied(opened)
    plan = make_plan(opened, actor=actor)
    if plan.digest != digest:
        raise ImportRefused(_("The directory has changed since this dry run. Look at the new one below."))
    if plan.counts[ERROR] and not leave_out_errors:
        raise ImportRefused(_("Some rows are wrong. Mend them in the file, or apply the others without them."))
    wanted = [row for row in plan.rows if row.verdict in (NEW, CHANGED)]
    if not wanted:
        raise ImportRefused(_("There is nothing to do: every row says what the directory says."))
    if opened.kind == PEOPLE:
        _apply_people(wanted, plan, actor)
    else:
        _apply_departments(wanted, plan, actor)
    opened.applied_at = clock.now()
    opened.rows = []
    counts = plan.counts
    audit.record(
        actor,
        "import.applied",
        opened,
        new=counts[NEW],
        changed=counts[CHANGED],
        same=counts[SAME],
        error=counts[ERROR],
    )
    return counts


def drop_import(opened: Import, *, actor: Actor) -> None:
    """Throw an unfinished import away; nothing was done."""
    require(_may_work_on(actor, opened))
    _refuse_applied(opened)
    audit.record(actor, "import.dropped", opened)
    db.session.delete(opened)


def _may_work_on(actor: Actor, opened: Import) -> bool:
    return policy.may_keep_directory(actor) and opened.by_id == actor.id


def _refuse_applied(opened: Import) -> None:
    if opened.applied_at is not None:
        raise ImportRefused(_("This import was applied already."))


def make_plan(opened: Import, *, actor: Actor) -> Plan:
    """The dry run. Reads the directory in a handful of statements, whatever the number of rows."""
    offered = fields_of(opened.kind, actor)
    rows = [_cells(opened, row, offered) for row in opened.rows]
    return _plan_people(rows) if opened.kind == PEOPLE else _plan_departments(rows)


def _cells(opened: Import, row: dict[str, str], offered: Collection[str]) -> tuple[int, dict[str, str]]:
    """The mapped cells that are not empty: an empty one leaves what is there."""
    cells = {name: row.get(str(at), "").strip() for name, at in opened.mapping.items() if name in offered}
    return int(row["row"]), {name: cell for name, cell in cells.items() if cell}


# --- people -------------------------------------------------------------------------------------------------------


def _plan_people(rows: Iterable[tuple[int, dict[str, str]]]) -> Plan:
    directory, departments = Directory(selectinload(Person.positions)), _Departments()
    plans: list[RowPlan] = []
    taken: dict[Any, int] = {}
    fresh: dict[str, RowPlan] = {}
    waiting: list[tuple[RowPlan, str]] = []
    for number, cells in rows:
        plan = RowPlan(number, cells.get("name") or cells.get("name_local") or cells.get("email") or "")
        plans.append(plan)
        person = _find_person(plan, cells, directory)
        if plan.verdict == ERROR:
            continue
        keys = [person.id] if person else [fold(cells[key]) for key in ("employee_no", "email") if key in cells]
        again = next((taken[key] for key in keys if key in taken), None)
        if again is not None:
            plan.wrong(_("Row %(row)s is about the same person.", row=again))
            continue
        taken.update(dict.fromkeys(keys, number))
        plan.record = person
        _compare_person(plan, cells, person, departments)
        if "manager" in cells:
            waiting.append((plan, cells["manager"]))
        if person is None and plan.verdict != ERROR:
            plan.verdict = NEW
            for key in ("employee_no", "email", "name", "name_local"):
                if key in cells:
                    fresh.setdefault(fold(cells[key]), plan)
    for plan, word in waiting:
        _set_manager(plan, word, directory, fresh)
    return Plan(plans)


def _find_person(plan: RowPlan, cells: dict[str, str], directory: Directory) -> Person | None:
    found = directory.meant(
        number=cells.get("employee_no", ""),
        email=cells.get("email", ""),
        name=cells.get("name") or cells.get("name_local", ""),
    )
    if len(found) == 1:
        return found[0]
    if found and ("employee_no" in cells or "email" in cells):
        plan.wrong(_("The number and the address belong to two different people."))
    elif found:
        plan.wrong(_("Several people have this name. Give a number or an address too."))
    return None


def _compare_person(plan: RowPlan, cells: dict[str, str], person: Person | None, departments: "_Departments") -> None:
    read: dict[str, Callable[[str], Any]] = {
        "email": _email, "language": _language, "since": _day, "left_on": _day, "department": departments.find, "clearance": _clearance,
    }  # fmt: skip
    values = _read(plan, cells, read, without=("manager",))
    if person is None and "name" not in values:
        if "name_local" in values:
            values["name"] = values["name_local"]
        else:
            plan.wrong(_("There is no name."))
    held = queries.latest_position(person) if person else None
    stored = {
        name: getattr(held, {"since": "from_on"}.get(name, name), None)
        if name in ("title", "title_local", "since")
        else getattr(person, name, None)
        for name in values
    }
    if stored.get("clearance") is not None:
        stored["clearance"] = Clearance(stored["clearance"])
    if "since" in values and "title" not in values and held is None:
        plan.wrong(_("A day in position needs a title."))
    _note_changes(plan, values, stored)


def _set_manager(plan: RowPlan, word: str, directory: Directory, fresh: dict[str, RowPlan]) -> None:
    people = directory.named(word)
    if len(people) > 1:
        plan.wrong(_("Several people are called “%(word)s”. Name the manager by number or address.", word=word))
        return
    above: Person | RowPlan | None = people[0] if people else fresh.get(fold(word))
    if above is None:
        plan.wrong(_("There is nobody called “%(word)s” to be the manager.", word=word))
    elif above is plan or (plan.record is not None and above is plan.record):
        plan.wrong(_("Nobody can be their own manager."))
    elif plan.record is None or plan.record.manager is not above:
        plan.values["manager"] = above
        before = plan.record.manager.name if plan.record is not None and plan.record.manager else ""
        plan.changes["manager"] = (before, above.name if isinstance(above, Person) else above.label)
        if plan.verdict == SAME:
            plan.verdict = CHANGED


def _apply_people(wanted: list[RowPlan], plan: Plan, actor: Actor) -> None:
    today = clock.today()
    for row in wanted:
        own = {name: row.values[name] for name in row.values if name not in NOT_OF_THE_PERSON}
        if row.record is None:
            row.record = services.add_person(actor=actor, **own)
        elif changed := {name: value for name, value in own.items() if name in row.changes}:
            services.change_person(row.record, actor=actor, **changed)
        if "clearance" in row.changes:
            services.set_clearance(row.record, row.values["clearance"], actor=actor)
        _apply_position(row, actor, today)
    for row in wanted:
        if "manager" in row.changes:
            above = row.values["manager"]
            above = above.record if isinstance(above, RowPlan) else above
            if above is None:
                raise ImportRefused(_("The manager in row %(row)s is in a row that is left out.", row=row.number))
            try:
                services.change_person(row.record, actor=actor, manager=above)
            except Refused as refusal:
                raise ImportRefused(_("Row %(row)s: %(why)s", row=row.number, why=refusal.sentence)) from refusal
        if "left_on" in row.changes:
            if row.record.left_on is None:
                services.leave(row.record, on=row.values["left_on"], actor=actor)
            else:
                services.change_person(row.record, actor=actor, left_on=row.values["left_on"])


NOT_OF_THE_PERSON = ("manager", "title", "title_local", "since", "left_on", "clearance")


def _apply_position(row: RowPlan, actor: Actor, today: date) -> None:
    """A new title is a new position from its day, or from today; the same title has its day put right."""
    if not {"title", "title_local", "since"} & set(row.changes):
        return
    held = queries.latest_position(row.record)
    if "title" not in row.changes and held is not None:
        names = {"title_local": "title_local", "since": "from_on"}
        values = {names[name]: row.values[name] for name in names if name in row.changes}
        services.change_position(held, actor=actor, **values)
        return
    if "title" not in row.values:
        return
    services.give_position(
        row.record,
        title=row.values["title"],
        title_local=row.values.get("title_local"),
        department=row.record.department,
        from_on=row.values.get("since") or (today if held is not None else None),
        actor=actor,
    )


# --- departments --------------------------------------------------------------------------------------------------


class _Departments:
    """By code, else by name; of two of one name, the one that still exists."""

    def __init__(self) -> None:
        own = queries.own_organization()
        mine = select(Department).where(Department.organization_id == (own.id if own else None))
        self.all = db.session.scalars(mine.order_by(Department.valid_to.is_(None), Department.id)).all()
        self.by_code = {fold(each.code): each for each in self.all if each.code}
        self.by_name: dict[str, Department] = {}
        for each in self.all:
            for name in {fold(each.name), fold(each.name_local or "")} - {""}:
                self.by_name[name] = each

    def get(self, word: str) -> Department | None:
        return self.by_code.get(fold(word)) or self.by_name.get(fold(word))

    def find(self, word: str) -> Department:
        found = self.get(word)
        if found is None:
            raise ValueError(_("There is no department “%(word)s”. Import or add it first.", word=word))
        return found


def _plan_departments(rows: Iterable[tuple[int, dict[str, str]]]) -> Plan:
    departments, directory = _Departments(), Directory(selectinload(Person.positions))
    plans: list[RowPlan] = []
    taken: dict[Any, int] = {}
    fresh: dict[str, RowPlan] = {}
    waiting: list[tuple[RowPlan, str]] = []

    def head(word: str) -> Person:
        people = directory.named(word)
        if len(people) != 1:
            raise ValueError(_("There is not exactly one person called “%(word)s” to be the head.", word=word))
        return people[0]

    for number, cells in rows:
        plan = RowPlan(number, cells.get("name") or cells.get("code") or "")
        plans.append(plan)
        if "code" in cells:
            found = departments.by_code.get(fold(cells["code"]))
        else:
            found = departments.by_name.get(fold(cells.get("name", "")))
        key = found.id if found else fold(cells.get("code") or cells.get("name", ""))
        if key in taken:
            plan.wrong(_("Row %(row)s is about the same department.", row=taken[key]))
            continue
        taken[key] = number
        plan.record = found
        values = _read(plan, cells, {"valid_from": _day, "valid_to": _day, "head": head}, without=("parent",))
        if found is None and "name" not in values:
            plan.wrong(_("There is no name."))
        first, last = (values.get(name, getattr(found, name, None)) for name in ("valid_from", "valid_to"))
        if first and last and last < first:
            plan.wrong(_("This ends before it begins."))
        _note_changes(plan, values, {name: getattr(found, name, None) for name in values})
        if "parent" in cells:
            waiting.append((plan, cells["parent"]))
        if found is None and plan.verdict != ERROR:
            plan.verdict = NEW
            for name in ("code", "name", "name_local"):
                if name in cells:
                    fresh.setdefault(fold(cells[name]), plan)
    for plan, word in waiting:
        above: Department | RowPlan | None = departments.get(word) or fresh.get(fold(word))
        if above is None:
            plan.wrong(_("There is no department “%(word)s”. Import or add it first.", word=word))
        elif above is plan or (plan.record is not None and above is plan.record):
            plan.wrong(_("A department cannot stand below itself."))
        elif plan.record is None or plan.record.parent is not above:
            plan.values["parent"] = above
            before = plan.record.parent.name if plan.record is not None and plan.record.parent else ""
            plan.changes["parent"] = (before, above.name if isinstance(above, Department) else above.label)
            plan.verdict = CHANGED if plan.verdict == SAME else plan.verdict
    return Plan(plans)


def _apply_departments(wanted: list[RowPlan], plan: Plan, actor: Actor) -> None:
    for row in wanted:
        own = {name: value for name, value in row.values.items() if name != "parent"}
        if row.record is None:
            row.record = services.add_department(actor=actor, **own)
        elif changed := {name: value for name, value in own.items() if name in row.changes}:
            services.change_department(row.record, actor=actor, **changed)
    for row in wanted:
        if "parent" in row.changes:
            above = row.values["parent"]
            above = above.record if isinstance(above, RowPlan) else above
            if above is None:
                raise ImportRefused(_("What row %(row)s belongs to is in a row that is left out.", row=row.number))
            try:
                services.change_department(row.record, actor=actor, parent=above)
            except Refused as refusal:
                raise ImportRefused(_("Row %(row)s: %(why)s", row=row.number, why=refusal.sentence)) from refusal


# --- cells --------------------------------------------------------------------------------------------------------


def _read(
    plan: RowPlan, cells: dict[str, str], read: dict[str, Callable[[str], Any]], *, without: Sequence[str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in without:
            continue
        if len(cell) > LONGEST.get(name, 200):
            plan.wrong(_("“%(cell)s …” is too long.", cell=cell[:30]))
            continue
        try:
            values[name] = read[name](cell) if name in read else cell
        except ValueError as error:
            plan.wrong(str(error))
    return values


def _note_changes(plan: RowPlan, values: dict[str, Any], stored: dict[str, Any]) -> None:
    plan.values = values
    plan.changes = {
        name: (_words(stored[name]), _words(value)) for name, value in values.items() if stored[name] != value
    }
    if plan.changes and plan.verdict == SAME:
        plan.verdict = CHANGED


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Clearance):
        return str(CLEARANCE_LABELS[value])
    return value.isoformat() if isinstance(value, date) else str(getattr(value, "label", value))


def _day(cell: str) -> date:
    try:
        day = date.fromisoformat(cell.replace("/", "-").replace(".", "-"))
    except ValueError:
        raise ValueError(_("“%(cell)s” is not a day. Write it as 2027-01-14.", cell=cell[:30])) from None
    if not 1900 <= day.year <= 2200:
        raise ValueError(_("Please choose a day between the years 1900 and 2200."))
    return day


def _email(cell: str) -> str:
    try:
        validate_email(cell, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError(_("“%(cell)s” is not an e-mail address.", cell=cell[:60])) from None
    return cell


def _clearance(cell: str) -> Clearance:
    if fold(cell) not in CLEARANCE_WORDS:
        raise ValueError(
            _("“%(cell)s” is not one of our levels: public, internal, restricted or secret.", cell=cell[:30])
        )
    return Clearance(CLEARANCE_WORDS[fold(cell)])


def _language(cell: str) -> str:
    if fold(cell) not in LANGUAGE_WORDS:
        raise ValueError(_("“%(cell)s” is not one of our languages: English or Chinese.", cell=cell[:30]))
    return LANGUAGE_WORDS[fold(cell)]
