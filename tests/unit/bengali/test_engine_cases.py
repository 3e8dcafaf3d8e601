"""Does a document match a query? Cases that stock engines fail, and everyday cases of a newsroom.

A document matches when each word of the query meets a word of the document by its index term. The analysis alone is
under test here, without scores and without grams.
"""

import pytest

from shared.bengali.analyzer import analyze
from shared.bengali.romanize import RomanizedVocabulary


def matches(document: str, query: str) -> bool:
    found = analyze(document)
    terms = set(found.stems)
    vocabulary = RomanizedVocabulary((term, 1) for term in terms)
    asked = analyze(query)
    positions: dict[int, bool] = {}
    for token, stem in zip(asked.tokens, asked.stems, strict=True):
        hit = stem in terms or any(candidate.term in terms for candidate in vocabulary.candidates(token.surface, 5))
        # A compound is found by its parts or by its joined form.
        positions[token.position] = positions.get(token.position, False) or hit
    return bool(positions) and all(positions.values())


# Document, query. Each line is one thing that at least one stock engine gets wrong.
STOCK_ENGINE_CASES = """
যুক্তরাষ্ট্র নির্বাচন → যুক্তরাষ্ট্র
যুক্তরাষ্ট্রের প্রেসিডেন্ট → যুক্তরাষ্ট্র
ঢাকার রাস্তা → ঢাকা
ঢাকায় বৃষ্টি → ঢাকা
হাসিনাকে ফেরত → হাসিনা
রাজশাহীতে শীত → রাজশাহী
নির্বাচনে জয় → নির্বাচন
দলটি জানায় → দল
গাড়িটার চাকা → গাড়ি
ব্যাংকগুলোর ঋণ → ব্যাংক
শিক্ষার্থীদের মিছিল → শিক্ষার্থী
কৃষকেরা খুশি → কৃষক
বাংলাদেশও জিতেছে → বাংলাদেশ
সরকারই দায়ী → সরকার
ঢাকা শহর → ঢাকার
খারাপ সম\u09af\u09bc → সম\u09df
র\u200d\u09cdযাব অভিযান → র\u09cdযাব
উদ\u09cd\u200cযাপন কমিটি → উদ\u09cdযাপন
হঠা\u09a4\u09cd বৃষ্টি → হঠা\u09ce
ক\u09c7\u09beরিয়া → ক\u09cbরিয়া
২০২৪ সাল → 2024
করোনাভাইরাস-এর টিকা → করোনাভাইরাস
মাদক\u2013বাণিজ্য বন্ধ → বাণিজ্য
বিএনপি\u2019র কর্মসূচি → বিএনপি
ফিরেছেন তারেক। → তারেক
ফিরেছেন তারেক\u09f7 → তারেক
দু:খ প্রকাশ → দুঃখ
সরকারী চাকরি → সরকারি
ঢাকা শহর → dhaka
"""

STOCK_ENGINE_TRAPS = """
কিল ঘুষি → কাল
শাল গাছ → সাল
পাড়া মহল্লা → পারা
"""

NEWSROOM_CASES = """
পেঁয়াজের দাম কেজিতে ২০ টাকা বেড়েছে → পেঁয়াজ দাম
সড়কে প্রাণ গেল তিনজনের → সড়ক
সংসদের অধিবেশন বসছে রোববার → সংসদ অধিবেশন
সংসদে বাজেট পাস → সংসদ বাজেট
বিদ্যুতের দাম আবার বাড়ল → বিদ্যুৎ
জগতের সব আলো নিভে গেলে → জগৎ
ভবিষ্যতে কী হবে → ভবিষ্যৎ
রাতের ঢাকা কেমন → রাত ঢাকা
হাতে লেখা পোস্টার → হাত পোস্টার
ব্যাংকে তারল্য সংকট → ব্যাংক তারল্য
ফেসবুকে গুজব ছড়িয়ে গ্রেপ্তার → ফেসবুক গুজব
দশকের সেরা দল → দশক দল
চিকিৎসকের অবহেলায় মৃত্যু → চিকিৎসক অবহেলা
মেয়েদের ক্রিকেটে নতুন অধ্যায় → মেয়ে ক্রিকেট
ছেলেকে খুঁজতে থানায় মা → ছেলে থানা
মায়ের ভাষায় শিক্ষা → মা ভাষা
ভাইয়ের হাতে ভাই খুন → ভাই
বইমেলায় নতুন বই → বইমেলা
জুলাইয়ের সেই দিনগুলো → জুলাই দিন
লড়াইয়ে ফিরল আর্জেন্টিনা → লড়াই আর্জেন্টিনা
কমিটিতে নতুন মুখ → কমিটি মুখ
পার্টির সম্মেলনে হট্টগোল → পার্টি সম্মেলন
ভিডিওতে দেখা যায় ট্রাকটি → ভিডিও ট্রাক
এনজিওর ঋণে দিশেহারা → এনজিও ঋণ
চট্টগ্রামসহ চার জেলায় বন্যা → চট্টগ্রাম জেলা
মন্ত্রণালয়ের সিদ্ধান্ত → মন্ত্রণালয়
বিশ্ববিদ্যালয়ে ভর্তি শুরু → বিশ্ববিদ্যালয় ভর্তি
উপায়ের খোঁজে কৃষক → উপায় কৃষক
সম্প্রদায়ের নেতারা → সম্প্রদায় নেতা
আদালতে হাজির সাবেক মন্ত্রী → আদালত মন্ত্রী
প্রতিষ্ঠানসমূহের তালিকা → প্রতিষ্ঠান তালিকা
পোশাকশ্রমিকদের বেতন বকেয়া → পোশাকশ্রমিক বেতন
ক্রিকেটারদের ধর্মঘট → ক্রিকেটার ধর্মঘট
ভোটারেরা কেন্দ্রে → ভোটার কেন্দ্র
সাংবাদিকদেরকে হুমকি → সাংবাদিক
পুলিশেরই গাড়িতে আগুন → পুলিশ গাড়ি
ইলিশও এবার নাগালের বাইরে → ইলিশ
সরকারি হাসপাতালগুলোতে শয্যা নেই → হাসপাতাল শয্যা
শ্রেণী কক্ষে পাঠদান → শ্রেণি
বাড়ী ভাড়া বাড়ছে → বাড়ি
জানুয়ারী মাসে ভোট → জানুয়ারি
ঈদের আগে ঘরমুখো মানুষ → ইদ
পূজার ছুটি → পুজা
ডলারের দাম বাড়ছে → দাম বাড়বে
তিনি ঢাকায় ফিরেছেন → ফিরছেন
জানিয়েছেন আবহাওয়াবিদ → জানান
১,২৫০ কোটি টাকা পাচার → 1250 কোটি
মূল্যস্ফীতি ৯.৭৩ শতাংশ → 9.73
কোভিড–১৯ টিকা → কোভিড ১৯
covid-19 টিকা → COVID19
জি-২০ সম্মেলন → জি২০
ই-মেইল ফাঁস → ইমেইল
সেমি-ফাইনালে বাংলাদেশ → সেমিফাইনাল
বি.এন.পি. মহাসচিব → বিএনপি
‘জয় বাংলা’র কবি → জয় বাংলা
“আদর্শ”কে নিয়ে সিনেমা → আদর্শ
দু’টি ট্রেনের সংঘর্ষ → দুটি ট্রেন
একশ’ রান → একশ
মহাসচিবঃ নির্বাচন চাই → মহাসচিব
পুন:তফসিল দাবি → পুনঃতফসিল
মধে\u09f5 প্রাচ্যে যুদ্ধ → মধ্যে
চ\u0981\u09beদ দেখা গেছে → চাঁদ
ভাল\u09be\u09c7 থাকুক পৃথিবী → ভালো
বাংলা\u200bদেশ জিতল → বাংলাদেশ
উ\u09a4\u09cd\u200dসব শুরু → উৎসব
\u09f0াজধানীতে যানজট → রাজধানী
বৈঠক শেষ।মন্ত্রী ফিরলেন → মন্ত্রী
NASA-র নতুন টেলিস্কোপ → nasa
WHO বলছে → who
নির্বাচন কমিশনের সভা → nirbachon
"""

NEWSROOM_TRAPS = """
সময় শেষ → সম
আমরা জিতেছি → আম
কাজ করে খাই → কর
চার দিনের সফর → চা
পারাপারে ভোগান্তি → পারা
আমির হোসেন → আমি
বিচার চাই → বিচি
জাতীয় সংসদ → সংস্থা
কারখানায় আগুন → কার
সাহারা মরুভূমি → সাহা
হাজার মানুষ → হাজা
এসএসসি পরীক্ষা → এসে
মন্দির ভাঙচুর → মন্দ
গুলিতে নিহত → গুলিস্তান
ভারতের জয় → ভার
বন্যায় ক্ষতি → বন
রানির মুকুট → রান
দাবি আদায় → দাবা
পদত্যাগ → পদ
নারী শিক্ষা → নাড়ি
"""


def pairs(lines: str) -> list[tuple[str, str]]:
    return [(document, query) for line in lines.strip().splitlines() for document, query in [line.split(" → ")]]


@pytest.mark.parametrize(("document", "query"), pairs(STOCK_ENGINE_CASES))
def test_a_document_that_stock_engines_miss_is_found(document: str, query: str) -> None:
    assert matches(document, query)


@pytest.mark.parametrize(("document", "query"), pairs(STOCK_ENGINE_TRAPS))
def test_a_document_that_stock_engines_confuse_is_not_found(document: str, query: str) -> None:
    assert not matches(document, query)


@pytest.mark.parametrize(("document", "query"), pairs(NEWSROOM_CASES))
def test_a_newsroom_document_is_found(document: str, query: str) -> None:
    assert matches(document, query)


@pytest.mark.parametrize(("document", "query"), pairs(NEWSROOM_TRAPS))
def test_a_newsroom_document_is_not_found_by_another_word(document: str, query: str) -> None:
    assert not matches(document, query)
