"""Sample papers, one of each kind in each language, complete enough to look at."""

from typing import Any

from app.documents.markdown import to_typst_blocks

FINGERPRINT = "9f3c71d0a8e204bb5d0c9f3c71d0a8e204bb5d0c9f3c71d0a8e204bb5d0c11aa"
ADDRESS = "https://hufu.example/verify/9f3c71d0a8e204bb"

ENGLISH = {"page_of": "Page %(page)s of %(pages)s", "fingerprint": "Fingerprint", "code": "QR code of the address"}
CHINESE = {"page_of": "第 %(page)s 页，共 %(pages)s 页", "fingerprint": "指纹", "code": "验证网址的二维码"}


def verification(lang: str) -> dict[str, str]:
    sentences = {
        "en": "Anyone can check this paper at the address in the code, without an account.",
        "zh": "任何人都可以通过二维码中的网址核验本文件，无需账号。",
    }
    return {"sentence": sentences[lang], "fingerprint": FINGERPRINT, "qr": ADDRESS}


def minutes(lang: str) -> dict[str, Any]:
    return minutes_in_chinese() if lang == "zh" else minutes_in_english()


def minutes_in_english() -> dict[str, Any]:
    text = (
        "The session heard six speeches and discussed them.\n\n"
        "1. The *annual targets* were met in four works of five.\n"
        "2. Water recovery stays at **61 %**; the reasons were named:\n"
        "   - old membranes,\n   - no spare pump in works 2.\n\n"
        "> We present the causes ourselves, before anyone asks.\n\n"
        "| Works | 2025 | 2026 |\n|:--|--:|--:|\n| Works 1 | 71 % | 78 % |\n| Works 2 | 58 % | 61 % |\n"
    )
    return {
        "document": {"title": "Minutes of the 2026 Operation Review", "dated": "2027-01-15"},
        "organization": "Qinglan Group",
        "classification": "Internal",
        "state_note": "Draft of the recorder, not yet approved",
        "labels": ENGLISH
        | {
            "attendance": "Attendance",
            "none": "none",
            "decisions": "Decided",
            "number": "No.",
            "decided": "Matter",
            "responsible": "Responsible",
            "due": "Due",
            "sign_off": "Approved for issue",
            "distribution": "Distribution",
        },
        "issue_number": "No. 3 of 2027",
        "dated_words": "Issued Fri 15 Jan 2027",
        "overview": [
            {"label": "Time", "value": "Wed 13 Jan 2027, 09:00–12:00 (Foshan time)"},
            {"label": "Place", "value": "Hall 2, Foshan works"},
            {"label": "Chair", "value": "Li Wei (李伟), President"},
            {"label": "Recorder", "value": "Sara Lindqvist"},
        ],
        "attendance": [
            {
                "label": "Present",
                "names": ["Li Wei (李伟)", "Mei Zhao (赵梅)", "Tom Okafor", "Zoltán Erdős", "Petra Lindqvist"],
            },
            {"label": "Excused", "names": []},
            {"label": "In attendance", "names": ["Sara Lindqvist", "Nguyễn Thị Hương"]},
        ],
        "sections": [{"heading": "Review of the year", "blocks": to_typst_blocks(text)}],
        "decisions": [
            {
                "number": "1",
                "text": "The membranes of works 2 are replaced before the rainy season; the works carry the cost.",
                "responsible": "Mei Zhao",
                "due": "31 Mar 2027",
            },
            {
                "number": "2",
                "text": "A spare pump is bought.",
                "responsible": "Tom Okafor",
                "due": "28 Feb 2027",
            },
        ],
        "sign_off": [
            {
                "role": "Recorder",
                "name": "Sara Lindqvist",
                "position": "Secretary",
                "signed_at": "Thu 14 Jan 2027, 17:40",
            },
            {"role": "Chair", "name": "Li Wei", "position": "President", "signed_at": ""},
        ],
        "distribution": [
            {"label": "To", "names": ["All works", "Department of Engineering"]},
            {"label": "Copy to", "names": ["Supervisory Board"]},
        ],
        "verification": verification("en"),
    }


def minutes_in_chinese() -> dict[str, Any]:
    text = (
        "会议听取了六项发言，并进行了讨论。**会议指出：**今年五个工厂中有四个完成了年度目标，\n"
        "水回收率仍为 61%，原因如下：\n\n"
        "1. 膜组件老化；\n2. 二厂没有备用水泵。\n   - 采购流程过长\n   - 库存未盘点\n\n"
        "> 原因由我们自己先说明。\n\n"
        "| 工厂 | 2025年 | 2026年 |\n|:--|--:|--:|\n| 一厂 | 71% | 78% |\n| 二厂 | 58% | 61% |\n"
    )
    return {
        "document": {"title": "2026年度经营总结会议纪要", "dated": "2027-01-15"},
        "organization": "清岚集团",
        "classification": "内部",
        "labels": CHINESE
        | {
            "attendance": "出席情况",
            "none": "无",
            "decisions": "议定事项",
            "number": "序号",
            "decided": "事项",
            "responsible": "责任人",
            "due": "完成时间",
            "sign_off": "签发",
            "distribution": "印发范围",
        },
        "issue_number": "第3期",
        "dated_words": "2027年1月15日",
        "overview": [
            {"label": "时间", "value": "2027年1月13日 周三 09:00–12:00（佛山时间）"},
            {"label": "地点", "value": "佛山工厂二号会议室"},
            {"label": "主持人", "value": "李伟"},
            {"label": "记录人", "value": "林莎"},
        ],
        "attendance": [
            {"label": "出席", "names": ["李伟", "赵梅", "Tom Okafor", "张龘", "欧阳㛃"]},
            {"label": "请假", "names": ["王䶮"]},
            {"label": "列席", "names": []},
        ],
        "sections": [{"heading": "年度回顾", "blocks": to_typst_blocks(text)}],
        "decisions": [
            {
                "number": "1",
                "text": "会议决定：二厂膜组件在雨季之前更换，费用由工厂承担。",
                "responsible": "赵梅",
                "due": "2027年3月31日",
            },
            {"number": "2", "text": "会议要求：采购一台备用水泵。", "responsible": "奥卡福", "due": "2027年2月28日"},
        ],
        "sign_off": [
            {"role": "记录人", "name": "林莎", "position": "秘书", "signed_at": "2027年1月14日 17:40"},
            {"role": "签发人", "name": "李伟", "position": "总裁", "signed_at": ""},
        ],
        "distribution": [{"label": "主送", "names": ["各工厂", "工程部"]}, {"label": "抄送", "names": ["监事会"]}],
        "verification": verification("zh"),
    }


def pledge(lang: str) -> dict[str, Any]:
    return pledge_in_chinese() if lang == "zh" else pledge_in_english()


def pledge_in_english() -> dict[str, Any]:
    text = (
        "We, the members of the Clear Water team, take on the campaign of the same name and answer for it before the "
        "company.\n\nIf we reach both targets, the team names its successors. If we miss one, we present the causes "
        "ourselves at the review, before anyone asks."
    )
    return {
        "document": {"title": "Pledge of the Clear Water team", "dated": "2027-01-15"},
        "organization": "Qinglan Group",
        "classification": "Internal",
        "labels": ENGLISH
        | {
            "targets": "Targets",
            "target": "Target",
            "start": "From",
            "goal": "To",
            "due": "By",
            "deadline": "Deadline",
            "signatures": "Signatures",
            "unsigned": "not yet signed",
        },
        "number": "No. 2027-03",
        "version": "version 1",
        "frozen_at": "frozen Tue 12 Jan 2027, 17:40 (Foshan time)",
        "text": to_typst_blocks(text),
        "targets": [
            {"target": "Water recovered in works 2", "start": "61 %", "goal": "85 %", "due": "30 Sep 2027"},
            {"target": "Discharge incidents", "start": "4 a year", "goal": "0", "due": "31 Dec 2027"},
        ],
        "deadline": "31 December 2027",
        "slots": [
            {
                "role": "Commander",
                "name": "Mei Zhao",
                "position": "Head of works 2",
                "signed_at": "Fri 15 Jan 2027, 14:12",
                "method": "with passkey",
            },
            {
                "role": "Witness",
                "name": "Tom Okafor",
                "position": "Head of engineering",
                "signed_at": "Fri 15 Jan 2027, 14:13",
                "method": "with passkey",
            },
            {
                "role": "Countersigner",
                "name": "Li Wei (李伟)",
                "position": "President",
                "signed_at": "Fri 15 Jan 2027, 14:15",
                "method": "with password",
            },
        ],
        "seal": {"upper": "QINGLAN", "lower": "PLEDGE"},
        "proof": "The three signatures prove that each signed-in person agreed to exactly this text at the time given.",
        "verification": verification("en"),
    }


def pledge_in_chinese() -> dict[str, Any]:
    text = (
        "我们清水攻坚队全体成员，自愿承担清水战役，并向公司负责。\n\n"
        "两项目标全部达成，由团队推举继任者；有一项未达成，我们在总结会上主动说明原因。"
    )
    paper = pledge_in_english()
    return paper | {
        "document": {"title": "清水攻坚队军令状", "dated": "2027-01-15"},
        "organization": "清岚集团",
        "classification": "内部",
        "labels": CHINESE
        | {
            "targets": "目标",
            "target": "指标",
            "start": "现状",
            "goal": "目标值",
            "due": "时限",
            "deadline": "完成期限",
            "signatures": "签署",
            "unsigned": "尚未签署",
        },
        "number": "编号 2027-03",
        "version": "第1版",
        "frozen_at": "2027年1月12日 17:40 定稿（佛山时间）",
        "text": to_typst_blocks(text),
        "targets": [
            {"target": "二厂水回收率", "start": "61%", "goal": "85%", "due": "2027年9月30日"},
            {"target": "排放事故", "start": "每年4起", "goal": "0", "due": "2027年12月31日"},
        ],
        "deadline": "2027年12月31日",
        "slots": [
            {
                "role": "指挥官",
                "name": "赵梅",
                "position": "二厂厂长",
                "signed_at": "2027年1月15日 14:12",
                "method": "通行密钥",
            },
            {
                "role": "见证人",
                "name": "张龘",
                "position": "工程部部长",
                "signed_at": "2027年1月15日 14:13",
                "method": "通行密钥",
            },
            {
                "role": "批准人",
                "name": "李伟",
                "position": "总裁",
                "signed_at": "2027年1月15日 14:15",
                "method": "密码",
            },
        ],
        "seal": {"upper": "清岚", "lower": "军令状"},
        "proof": "三方签署证明：每位登录者在所示时间同意了本文的原文。",
        "verification": verification("zh"),
    }


def admission(lang: str) -> dict[str, Any]:
    if lang == "zh":
        return {
            "document": {"title": "入场证", "dated": "2027-01-10"},
            "organization": "清岚集团",
            "classification": "内部",
            "labels": CHINESE | {"admission": "入场证"},
            "event": "2026年度经营总结暨2027年度战略会议",
            "event_facts": [
                {"label": "时间", "value": "2027年1月13日至15日（佛山时间）"},
                {"label": "地点", "value": "佛山工厂二号会议室"},
            ],
            "cards": [
                {
                    "name": "欧阳㛃",
                    "position": "二厂厂长",
                    "role": "参会人",
                    "facts": [{"label": "桌号", "value": "7"}, {"label": "座位", "value": "12"}],
                    "qr": "HUFU:K7QM2XVA",
                    "reference": "K7QM-2XVA",
                    "note": "请在签到处出示本证。仅限本人使用。",
                }
            ],
        }
    return {
        "document": {"title": "Admission", "dated": "2027-01-10"},
        "organization": "Qinglan Group",
        "classification": "Internal",
        "labels": ENGLISH | {"admission": "Admission"},
        "event": "2026 Operation Review and 2027 Strategy Session",
        "event_facts": [
            {"label": "When", "value": "Wed 13 – Fri 15 Jan 2027 (Foshan time)"},
            {"label": "Where", "value": "Hall 2, Foshan works"},
        ],
        "cards": [
            {
                "name": "Petra Lindqvist",
                "position": "Director of Supply",
                "role": "Participant",
                "facts": [{"label": "Table", "value": "7"}, {"label": "Seat", "value": "12"}],
                "qr": "HUFU:K7QM2XVA",
                "reference": "K7QM-2XVA",
                "note": "Please show this card at the door. It admits one person and is not transferable.",
            }
        ],
    }


def register(lang: str, rows: int = 60) -> dict[str, Any]:
    chinese = lang == "zh"
    body: list[list[str]] = []
    for number in range(1, rows + 1):
        if number % 20 == 1:
            body.append([f"第{number // 20 + 1}组" if chinese else f"Group {number // 20 + 1}"])
        body.append(
            [str(number), "赵梅", "二厂膜组件在雨季之前更换", "按期", "3月31日"]
            if chinese
            else [
                str(number),
                "Mei Zhao",
                "Membranes of works 2 are replaced before the rainy season",
                "on time",
                "31 Mar",
            ]
        )
    return {
        "document": {"title": "要求登记册" if chinese else "Register of requirements", "dated": "2027-01-20"},
        "organization": "清岚集团" if chinese else "Qinglan Group",
        "classification": "内部" if chinese else "Internal",
        "labels": (CHINESE if chinese else ENGLISH)
        | {"empty": "没有记录。" if chinese else "There is nothing to list."},
        "subtitle": "2026年度经营总结会议" if chinese else "2026 Operation Review",
        "facts": [{"label": "筛选", "value": "全部"}] if chinese else [{"label": "Filter", "value": "all open"}],
        "columns": [
            {"label": "序号" if chinese else "No.", "align": "right"},
            {"label": "责任人" if chinese else "Responsible"},
            {"label": "要求" if chinese else "Requirement", "width": 1},
            {"label": "状态" if chinese else "State"},
            {"label": "时限" if chinese else "Due", "align": "right"},
        ],
        "rows": body,
        "note": "截至2027年1月20日 09:00（佛山时间）" if chinese else "As of Wed 20 Jan 2027, 09:00 (Foshan time).",
        "landscape": False,
        "verification": None,
    }


PAPERS = {"minutes": minutes, "pledge": pledge, "admission": admission, "list": register}
