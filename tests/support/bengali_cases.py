"""Pairs of Bengali words that analysis must bring together, and pairs that it must keep apart.

The unit tests demand all of them; the benchmark counts how many of them other libraries get right.
"""

from typing import Final

# One pitfall of Bengali text each: what it is, and the same text in two ways of writing.
SAME_TEXT: Final = (
    ("ya with nukta", "হ\u09df", "হ\u09af\u09bc"),
    ("rra with nukta", "বা\u09dcি", "বা\u09a1\u09bcি"),
    ("rha with nukta", "আষা\u09dd", "আষা\u09a2\u09bc"),
    ("o sign in halves", "ক\u09cbন", "ক\u09c7\u09beন"),
    ("o sign in halves, typed by sight", "ভাল\u09cb", "ভাল\u09be\u09c7"),
    ("au sign in halves", "ন\u09ccকা", "ন\u09c7\u09d7কা"),
    ("khanda ta with joiner", "উ\u09ceসব", "উ\u09a4\u09cd\u200dসব"),
    ("khanda ta as final ta with hasanta", "হঠা\u09ce", "হঠা\u09a4\u09cd"),
    ("non-joiner after hasanta", "উদ\u09cd\u200cযাপন", "উদ\u09cdযাপন"),
    ("joiner before hasanta", "\u09b0\u200d\u09cd\u09afাব", "\u09b0\u09cd\u09afাব"),
    ("joiner after hasanta", "\u09b0\u200d\u09cd\u09afাব", "\u09b0\u09cd\u200d\u09afাব"),
    ("colon for visarga", "দু\u0983খ", "দু:খ"),
    ("colon for visarga in an adverb", "অতঃপর", "অত:পর"),
    ("colon for visarga in a prefix", "পুনঃনির্বাচন", "পুন:নির্বাচন"),
    ("Bengali digits", "২০২৪", "2024"),
    ("Devanagari digits", "২০২৪", "\u0968\u0966\u0968\u096a"),
    ("full-width digits", "২০২৪", "\uff12\uff10\uff12\uff14"),
    ("Assamese ra", "\u09f0াজধানী", "রাজধানী"),
    ("Assamese wa", "\u09f1াংলা", "বাংলা"),
    ("a with aa sign", "\u0985\u09beমার", "আমার"),
    ("nukta after the vowel sign", "বা\u09a1ি\u09bc", "বা\u09dcি"),
    ("doubled vowel sign", "কাা", "কা"),
    ("doubled anusvara", "কংং", "কং"),
    ("zero-width space", "বাংলা\u200bদেশ", "বাংলাদেশ"),
    ("byte order mark", "\ufeffঢাকা", "ঢাকা"),
    ("soft hyphen", "বাংলা\u00adদেশ", "বাংলাদেশ"),
    ("direction marks", "\u200fঢাকা\u202c", "ঢাকা"),
    ("ba with nukta", "স\u09ac\u09bcকার", "সরকার"),
    ("stray nukta", "সর\u09bcকার", "সরকার"),
    ("candrabindu before the vowel sign", "চ\u0981\u09beদ", "চ\u09be\u0981দ"),
    ("candrabindu before the sign, after a ya-phala", "প\u09cdয\u0981\u09beচ", "প\u09cdয\u09be\u0981চ"),
    ("ya-phala left by a font converter", "মধে\u09f5", "মধ্যে"),
    ("danda typed as a currency numerator", "করি\u09f7", "করি\u0964"),
    ("double danda", "করি\u0965", "করি\u0964"),
    ("no-break space", "ঢাকা\u00a0শহর", "ঢাকা শহর"),
    ("Latin case", "DHAKA", "dhaka"),
    ("Latin accent", "cafe\u0301", "caf\u00e9"),
)

# Texts that differ by a letter and in meaning.
OTHER_TEXT: Final = (
    ("শাল", "সাল"),
    ("পাড়া", "পারা"),
    ("দিন", "দীন"),
    ("বাণ", "বান"),
    ("বিশ্ব", "বিশ"),
    ("রঙ", "রং"),
    ("চাঁদ", "চাদ"),
    ("কাল", "কালো"),
    ("বাক্য", "বাক"),
)

# A base and its inflected forms.
_INFLECTED: Final = """
ঢাকা: ঢাকার ঢাকায় ঢাকাকে ঢাকাতেও ঢাকাসহ ঢাকাও
নদী: নদীও নদীই নদীরও
দেশ: দেশও দেশেও দেশেই দেশেরও
টাকা: টাকাও টাকাটাও টাকায়
যুক্তরাষ্ট্র: যুক্তরাষ্ট্রের যুক্তরাষ্ট্রকে যুক্তরাষ্ট্রেও
বাংলাদেশ: বাংলাদেশে বাংলাদেশেও বাংলাদেশই বাংলাদেশের বাংলাদেশেরই
হাসিনা: হাসিনাকে হাসিনার
খালেদা: খালেদার
রাজশাহী: রাজশাহীতে রাজশাহীর
চট্টগ্রাম: চট্টগ্রামে চট্টগ্রামসহ
নির্বাচন: নির্বাচনের নির্বাচনে নির্বাচনটি নির্বাচনকে
শিক্ষার্থী: শিক্ষার্থীদের শিক্ষার্থীরা শিক্ষার্থীরাও শিক্ষার্থীদেরকে শিক্ষার্থীর
সরকার: সরকারের সরকারকে সরকারই সরকারেরও
মন্ত্রী: মন্ত্রীর মন্ত্রীদের
প্রধানমন্ত্রী: প্রধানমন্ত্রীকে
বই: বইগুলো বইগুলোর বইয়ের বইটি
গাড়ি: গাড়িটি গাড়িটির গাড়িতে গাড়িগুলোতে
দল: দলটি দলটিকে দলের দলকে দলগুলোকে
মানুষ: মানুষের মানুষকে মানুষদের মানুষই
ক্ষমতা: ক্ষমতায় ক্ষমতার ক্ষমতাকে
ভারত: ভারতের ভারতে
পুলিশ: পুলিশের পুলিশকে
সময়: সময়ে সময়ের সময়টা
হাসপাতাল: হাসপাতালে হাসপাতালগুলোতে
বিদ্যুৎ: বিদ্যুতের বিদ্যুতে বিদ্যুৎকে
ব্যাংক: ব্যাংকগুলোকে ব্যাংকে ব্যাংকের
কৃষক: কৃষকেরা কৃষকদের কৃষকে কৃষকরা
ছাত্রলীগ: ছাত্রলীগের
কোরিয়া: কোরিয়ায় কোরিয়ার
গাজা: গাজায় গাজার
সড়ক: সড়কে সড়কের সড়কটি
সংসদ: সংসদের সংসদে
পরিষদ: পরিষদের পরিষদে
রাত: রাতে রাতের
অনেক: অনেকে অনেকের
উপায়: উপায়ের উপায়ে
অধ্যায়: অধ্যায়ের
কমিটি: কমিটির কমিটিতে কমিটিগুলো
জুলাই: জুলাইয়ের জুলাইয়ে
ভিডিও: ভিডিওর ভিডিওতে
ছেলে: ছেলের ছেলেকে ছেলেরা ছেলেদের
মেয়ে: মেয়ের মেয়েকে মেয়েরা মেয়েদের মেয়েটির
মা: মায়ের মাকে
বিচার: বিচারের বিচারে
সাক্ষাৎকার: সাক্ষাৎকারে সাক্ষাৎকারের
জগৎ: জগতের জগতে
প্রতিষ্ঠান: প্রতিষ্ঠানসমূহ প্রতিষ্ঠানসমূহের
রং: রংয়ের
রাজনৈতিক: রাজনৈতিকভাবে রাজনৈতিকভাবেও
প্রভাব: প্রভাবে প্রভাবের
স্বভাব: স্বভাবে
অভাব: অভাবে
"""

# Words that share letters and no more.
_OTHER_WORDS: Final = """
সরকার সরকাম|কাল কাজ|কাজ কাজী|রাজ রাজা|সময় সম|ভারত ভার|কর কার|হার হারা|পাতা পাত|মাটি মা|বাটি বাটা|ছুটি ছু|মারা মা|তারা তা|জাতি জাত
নীতি নীত|শান্তি শান্ত|বাড়ি বারি|খবর খব|দাবি দাব|আদালত আদাল|মুজিব মুজি|কবি কব|নগর নগ|প্রতি প্রত
আম আমরা|কর করে|চার চা|পার পা|আমির আমি|শিকার শিকা|ক্রিকেটার ক্রিকেট|সংসদ সংস|বিচার বিচা|কারখানা কার|পার্টি পার|কমিটি কম
ভারতে ভার|সাহারা সাহা|চেহারা চেহ|দায়ের দা|শাল সাল|পাড়া পারা|কিল কাল|এসে এস|বাড়ি বাড়া|নাম নামা|হার হারানো|ব্যাংকার ব্যাংক
লড়াই লড়া|ভিডিও ভিডি|উধাও উধা|পোলাও পোলা|কনুই কনু
"""


def _forms(lines: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (base, form)
        for line in lines.strip().splitlines()
        for base, forms in [line.split(": ")]
        for form in forms.split()
    )


def _pairs(lines: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.split() for pair in lines.strip().replace("\n", "|").split("|"))
    return tuple((one, other) for one, other in pairs)


INFLECTED: Final = _forms(_INFLECTED)
OTHER_WORDS: Final = _pairs(_OTHER_WORDS)
