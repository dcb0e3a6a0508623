"""Names that printing has to cope with: four scripts, mixtures, sixty characters, markup."""

import itertools

LATIN = ["Li Wei", "Bo", "Anna-Maria Kowalczyk-Brzęczyszczykiewicz", "Nguyễn Thị Minh Khai"]
CHINESE = ["李伟", "欧阳娜娜", "上官欧阳诸葛司马端木公孙慕容令狐钟离宇文长孙鲜于闾丘司徒司空亓官司寇", "张龘㛃"]
CYRILLIC = ["Дмитрий Шостакович", "Анна Александровна Воздвиженская-Морозова", "Ян"]
ARABIC = ["محمد بن سلمان", "عبد الرحمن بن محمد بن عبد العزيز آل سعود الكبير المنصور", "نور"]
MIXED = ["Anna 安娜 Анна محمد", "李伟 (Li Wei) Ли Вэй", "Mei-Ling 赵梅 O'Connor"]
LONG = [
    "Maximilian Friedrich Alexander von und zu Hohenzollern-Sigmar",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte",
    "W" * 60,
    "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausen",
]
HOSTILE = [
    "#panic()",
    "$ x^2 $ *b* _u_ @a <b>",
    ']#eval("1+1")[',
    "\\u{41} // no /* comment */",
    "A\u200b\u200bB \u202eC",
]
NASTY = [*LATIN, *CHINESE, *CYRILLIC, *ARABIC, *MIXED, *LONG, *HOSTILE]


def many(number: int) -> list[tuple[str, str]]:
    """So many pairs of a name and the name in the other letters."""
    others = itertools.cycle(["", *CHINESE, *LATIN, *ARABIC, *LONG])
    return [(name, next(others)) for name, _n in zip(itertools.cycle(NASTY), range(number), strict=False)]
