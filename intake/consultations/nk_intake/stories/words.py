"""What invented patients type, by question and by the kind of their story; nobody has said any of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

HE: Final = ("Ciarán", "Đorđe", "Emre", "Håkon", "João", "Łukasz", "Nuño", "Þór", "Tomáš", "Zsolt")
"""Given names of men; those of women stand with the random answers."""
_TEXTS = r"""
own-words losses: We have lost more than one pregnancy and nobody can tell us why.
own-words losses: It keeps happening. I dread the scans now.
own-words losses: My last doctor said “just keep trying”. We would like somebody to look at all of it together.
own-words losses: I’m tired of telling the story from the start. It is all in the list.
own-words ivf: Our transfers looked good on paper. It has not worked the way we hoped.
own-words ivf: Another cycle is planned for autumn. Before that I’d like to hear what you think.
own-words ivf: Our embryos were called “beautiful”. Then came the phone call.
own-words both: First we lost pregnancies, now the transfers do not work either.
own-words both: Losses before IVF, and now this. We feel à bout de souffle.
own-words trying: We have been trying for a while and nothing has happened.
own-words trying: We are not in a hurry, we just want to know if there is something to look at.
own-words pregnant: I am scared every day until the next scan.
own-words pregnant: So far so good. Every day without bleeding is a good day.
own-words planning: We want to try again, and to have a plan before we do.
own-words autoimmune: I would like all my doctors to know of each other.
own-words autoimmune: My specialist and the fertility clinic tell me different things.
own-words infection: I have lived with it for years. I would like to know what is new.
own-words weak-immune: Every cold turns into something worse. I have stopped going to the cinema.
own-words weak-immune: I was told that my immune system is weak, and not much more than that.
own-words cancer: I read about NK cells and want to understand what is known.
own-words cancer: My daughter-in-law found an article about cells. I said I would ask.
own-words nk-therapy: A friend abroad had it done. What is it, exactly?
own-words nk-results: I have a page full of numbers and nobody has gone through it with me.
own-words nk-results: Two clinics read the same NK test in two ways.
own-words other: My GP asked me to come. The letter says it better than I can.
top-questions losses: Would you do anything differently next time?
top-questions losses: How long is it wise to wait before we try again?
top-questions ivf: What do the words in our embryology report mean?
top-questions ivf: How do other people decide when to stop?
top-questions pregnant: How often can I have a scan?
top-questions cancer: Are there studies that I could ask about?
top-questions infection: Is there another way than more tablets?
top-questions nk-results: What do NK cells in the blood say about the womb?
top-questions: 1. What is known?\n2. What is not known?\n3. What would you like to know from me?
top-questions: Where do we go from here?
preg-notes early loss: We had told nobody yet.
preg-notes early loss: I still see the waiting room.
preg-notes late loss: A girl. She has a place in the garden.
preg-notes late loss: The midwife stayed all night. Thank her, please.
preg-notes birth: Né un dimanche — “lucky”, said the midwife.
preg-notes early birth: Three weeks in special care, now as loud as any other.
anything-else: Please don’t send letters home. I have not told everybody.
anything-else: My old notes are in Spanish: “historia clínica”, twelve pages.
anything-else: We live two hours away, so mornings are hard.
anything-else: Thank you for asking about the words.
tried-treatments cancer: Whatever the hospital planned; it is in the letters
tried-treatments nk-therapy: Vitamins and mushrooms
tried-treatments: Nothing yet
cell-therapy-detail: {year}, in a hospital abroad. Tired for a month.
cell-therapy-detail: {year}, as part of a study. I felt well.
clot-detail: Left leg, {year}, after a long flight
clot-detail: Lung, {year}
other-health: Blood pressure tablets since {year}
other-health: A heart murmur, last looked at in {year}: “all fine”
other-health: Migraines. Knee operation in {year}
allergies-detail: Penicillin, rash
allergies-detail: Peanuts — I carry a pen
allergies-detail: Iodine at a scan: hives all over
family-detail autoimmune: My mother has an underactive thyroid.
family-detail losses: My sister lost three.
family-detail clots: Father, leg, at 50
family-detail cancer: Grandmother, breast
family-detail early-menopause: Mother, at 38
family-detail genetic: Uncle: a balanced change, I think
family-detail immune: Brother, low antibodies since he was small
language: Spanish
language: Türkçe
language: British Sign Language
test-place: the hospital in town
test-place: Clinic “Exemple”
otc: Paracetamol, 1 g when needed, headaches
otc: Antacid, after meals, heartburn
infection-name: Shingles
infection-name: Malaria, as a child
autoimmune-condition: Behçet’s
autoimmune-condition: Addison’s
access-needs: A chair with arms, please
hopes: One person who knows the whole story
loss-words: our “Bean”
support: Somebody to ring on bad days
habits: Swimming, Tai Chi
plan-barriers: The pharmacy had none left
respondent-relationship: I am her sister-in-law
nk-goals: If my GP would go along with it
womb-operations: A polyp was looked at, not removed
"""
TEXTS: Final[Mapping[str, list[str]]] = defaultdict(list)
"""By question, or by question and kind; of a choice what some write beside its options or in their place."""
for _line in _TEXTS.strip().splitlines():
    _topic, _, _text = _line.partition(": ")
    TEXTS[_topic].append(_text.replace(r"\n", "\n"))
