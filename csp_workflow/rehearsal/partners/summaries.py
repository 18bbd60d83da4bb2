"""What people write on their forms in the rehearsal, by the code of the form and the ref of the box: all made up."""

from __future__ import annotations

from csp_workflow.rehearsal.partners.excel import NOTHING_NEW
from csp_workflow.rehearsal.partners.people import Luck

_QUIET = {"RUTL": ("T1", "T4", "T5"), "OADW": ("T5",)}
"""Under which themes some partnerships have nothing new, by code."""

_THEMES = {
    "T1": (
        "Restorative work with the youth offending service continued in two schools.",
        "Eleven young people began a mentoring course; eight were still attending in September.",
        "Two weekend reparation schemes cleared footpaths that residents had complained about.",
    ),
    "T2": (
        "The outreach worker held surgeries in four villages; more people came forward than last year.",
        "The advice desk moved to the library, where people can wait without being noticed.",
        "Hospital staff were shown how to refer victims; the first nine referrals came in August.",
    ),
    "T3": (
        "Alley gates were fitted after residents' reports. Vehicle crime was discussed with the neighbourhood team.",
        "Street lights were mended on two estates. A shed-marking day drew 60 households.",
        "Wardens walked the parks every evening of the holidays; fewer people complained than in June.",
    ),
    "T4": (
        "Front-line staff were briefed on the signs of exploitation.",
        "Taxi drivers and hotel staff were told what to look for, and whom to ring.",
        "School nurses and the police now meet monthly about children who go missing.",
        "Carers' groups were visited to explain how to report neglect.",
    ),
    "T5": (
        "Partners share one analyst, which has saved duplicate work.",
        "One tender for cameras with a neighbouring partnership cost a fifth less than two.",
        "Meetings with the county are by telephone every other month, which saves a day of travel.",
        "One post stays empty until the budget of the autumn; its work is shared out.",
    ),
}

_OBJECTIVES = {
    ("BLHB", "T3"): "Talks on scams in six village halls; 140 people came.",
    ("BLHB", "T2"): "Lighting at the station path was agreed with the county council.",
    ("CHARN", "T1"): "Taxi marshals on twelve nights; twelve joint visits to licensed premises.",
    ("CHARN", "T2"): "The advice desk opened in the walk-in centre, one day a week.",
    ("CHARN", "T3"): "Bicycles marked at eight events; a store opened on the campus.",
    ("HARB", "T3"): "Timers and door chains went to 90 households near the four burglaries of July.",
    ("HARB", "T1"): "A football night on Fridays draws about 30 young people.",
    ("LEIC", "T1"): "Late bars and the police share one radio channel since August.",
    ("LEIC", "T2"): "Four new reporting points opened, two of them in places of worship. "
    "Waiting time for a first appointment fell from nineteen days to twelve.",
    ("MELT", "T1"): "Needle bins were put up in two car parks; a clinic is held on market day.",
    ("MELT", "T3"): "Door staff of the three largest pubs took a course on calming people down.",
    ("NWL", "T4"): "Three schools took part in a day on staying safe online.",
    ("NWL", "T2"): "Two streets have an agreement between residents and landlords.",
    ("NWL", "T3"): "A lost-children point and a quiet room were tried at the summer festival.",
    ("OADW", "T3"): "Every burgled household and its neighbours had a visit within two days.",
    ("OADW", "T2"): "Residents who report trouble now hear back within five days.",
    ("RUTL", "T3"): "Farm watch grew to 70 members; gates were marked in twelve parishes.",
    ("RUTL", "T2"): "A worker now visits on Mondays, so nobody has to travel to Leicester.",
}
"""What is told of an objective of their own, under its theme."""

_BOXES = {
    "M03e": "Licensing officers have costed a levy; councillors will see the paper in January.",
    "M05a": "More victims were asked what they want to happen before their case is closed.",
    "M06a": "Victims are offered the same adviser from report to trial.",
    "M07a": "Victims are rung a month later and asked whether it has happened again.",
    "M12c": "Victims of burglary are told what became of their case, also where nobody was found.",
    "M13c": "Victims are asked whether they would meet the offender; few have said yes.",
    "M14c": "Owners are told by text message when a case is closed, and why.",
    "M18a": "The chief officers have agreed the outline; staff were consulted in September.",
    "M18b": "Three of seven business cases are written and with the finance team.",
    "M18c": "Two control rooms became one in July; the savings will show next year.",
    "A1": "A meeting with the licensed premises is booked for 9 December.",
    "A2": "Eleven points are open. They took 23 reports in the quarter; three took none.",
}

_YEARS = {
    "Y1": (
        "Victims of burglary are visited within two days; repeat calls fell from one in nine to one in fourteen.",
        "The advice desk saw 212 people, 61 of whom had told nobody before. Most heard of it from a neighbour.",
        "Door staff, taxi marshals and the police share one radio channel; fewer fights reach the street.",
        "Young people who were on the edge of care have somewhere to be on Friday nights; about 30 come each week.",
    ),
    "Y2": (
        "The lighting by the station was put off: the county's contract ended and the new one begins in June.",
        "Two agencies changed their systems, so that nobody could say who is a repeat victim for five months.",
        "A post stayed empty from September. We did not run the second round of school visits.",
    ),
}
_OWN_YEARS = {
    "BLHB": "Two town councils paid for shed alarms, and 140 homes were visited after a burglary next door.",
    "CHARN": "Door staff, taxi marshals and the police share one radio channel; fewer fights reach the street.",
    "HARB": "Farms ring one another: the watch has 90 members now, and trailers are marked at the market.",
    "LEIC": "Young people who were on the edge of care have somewhere to be on Friday nights; about 30 come each week.",
    "NWL": "Wardens and the youth bus go out together; complaints from the two estates fell by a third since June.",
    "OADW": "Victims of burglary are visited within two days; repeat calls fell from one in nine to one in fourteen.",
    "MLRT": "We became one partnership in January. One desk now takes what two took, and nobody waited longer.",
}
_OBJECTIVE_YEARS = (
    "More was reached than we had planned; the partners want to go on with it.",
    "Half of it is done. What is left needs the new contract, from June on.",
    "It took longer than we thought to agree who holds the list; since January it works.",
    "The visits were made, all but two. Whether they helped will show in the autumn.",
    "Partners met every month, and the three worst addresses are quiet now.",
    "We trained 64 people who meet the public. They have passed on 19 concerns since.",
    "The money ran out in February; volunteers kept the two busiest sessions open.",
    "Schools asked for more than we could give. A second worker begins in May.",
)
"""What is told of a year, and of each objective in it: never the same of two in one partnership."""

_REQUESTS = {
    "CHARN": "£4,000 towards a second day a week of the domestic abuse advice desk, January to March.",
    "MELT": "One officer's time to agree a list of repeat addresses with the police.",
}

_EXPLAINED = {
    ("LEIC", "M13a"): "More violence was reported around late bars in the centre; taxi marshals began in August.",
    ("LEIC", "M14a.1"): "Fewer cars were broken into after the multi-storey car parks were lit and staffed.",
    ("CHARN", "M13a"): "Reports rose at closing time; door staff and police now share a radio channel.",
    ("NWL", "M13a"): "More victims came forward after the summer campaign; no more of them needed hospital.",
}


def tell(luck: Luck, code: str, ref: str) -> str:
    """What somebody writes into a box of the Summary; only some ask the Board for anything."""
    if ref == "ASK":
        return _REQUESTS.get(code, "")
    if ref in _QUIET.get(code, ()):
        return NOTHING_NEW
    if said := _THEMES.get(ref[:2]):
        own = _OBJECTIVES.get((code, ref[:2]))
        return own or said[int(luck.draw("told", ref) * len(said)) % len(said)]
    if ref in _YEARS or ".O" in ref:
        if ref == "Y1" and code in _OWN_YEARS:
            return _OWN_YEARS[code]
        texts, whose = _YEARS.get(ref, _OBJECTIVE_YEARS), ref.partition(".O")
        first, then = int(luck.draw("year", code, whose[0]) * len(texts)), sum(map(ord, whose[2]))
        return texts[(first + then) % len(texts)]
    return _BOXES.get(ref, f"Work on this went on as planned with our partners ({ref}).")


def explain_change(code: str, ref: str) -> str:
    """What some note beside a police figure that has changed; others give no explanation."""
    return _EXPLAINED.get((code, ref), "")
