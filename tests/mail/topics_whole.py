"""Whole short messages, oblique as they come, subject first and a line's end as //: of strangers and of contacts."""

from __future__ import annotations

_STRANGERS = """
information-request: Helicopter // Could you tell me how often the police helicopter flew over Wigston last summer,
  and the cost per hour?
information-request: Town wardens // I'd be obliged for the dates and times of all patrols in Market Bosworth since
  January.
information-request: F O I // Under the F.O.I. Act I ask for your policy on hosting social events.
information-request: Cuts // What savings have been made by closing counters and where did the money go?
information-request: Ymholiad // Faint o swyddogion sydd wedi gadael ers 2012? Hoffwn gael ateb ysgrifenedig.
information-request: Stats // Any chance of the drink driving stats for Christmas going back ten years? It's for a
  school project.
information-request: Review // You said you don't hold the report. I believe you do, and ask you to search again.
information-request: trees // EIR: felling permissions beside the station car park and the bat survey.
information-request: Public interest // It's in the public interest that the number of lost laptops is made known.
  Kindly supply it.
information-request: letters // May I see the letters the Commissioner wrote to the Home Secretary about the funding
  formula?
information-request: Company // We're preparing a bid and need to know the present value of your cleaning contract and
  its end date.
subject-access: Files // I'd like to come in and look through whatever is kept under my name.
subject-access: DPA // Under the DPA I ask you to give me the e-mails between the partnership and the housing
  association which concern me.
subject-access: my statement // How can I obtain the audio of my interview?
subject-access: subject accses reqest // pls can i do a subject accses reqest
subject-access: wrong address // You've got my old address and my maiden name on your system. Correct them.
subject-access: Police intelligence // Is there any intelligence on me? I lost a job over it.
subject-access: Guardian // I am the legal guardian of Amy and want her case notes.
complaint: Beyond a joke // This is beyond a joke now. Four visits promised, none kept.
complaint: Sergeant // The sergeant smirked when I told him what happened. I came out feeling two inches tall.
complaint: wish to take issue // I wish to take issue with how the panel on grants was run.
complaint: Please explain // Please explain why you have ignored three recorded delivery letters.
complaint: Discrimination // My brother is deaf and your officers refused him an interpreter.
complaint: formal // Stage one complaint: the victims' fund turned us down without giving reasons.
complaint: MP casework // Ann Other MP has been contacted by Mr Pell, who says that officers lied about his arrest.
complaint: trigger // Our street wants to activate the community trigger over the drug house.
complaint: not impressed // Not impressed. I took a day off for a meeting that your team cancelled an hour before.
complaint: Cwyn // Hoffwn wneud cwyn swyddogol am y Comisiynydd.
complaint: arrest // I was handcuffed so tight that my wrists bled and they laughed. I shall see you in court.
press-enquiry: Radio Leicester // It's Jo from Radio Leicester, is Sir Guy around for a chat with Jim at 10?
press-enquiry: Times // The Sunday Times is looking at PCC expenses. Can you answer these by Friday?
press-enquiry: profile // We're profiling all the commissioners and wonder if yours has half an hour.
press-enquiry: clip // Need a 20 second clip on the verdict before the six o'clock bulletin.
press-enquiry: Podcast // Would your chief executive join our podcast on drugs policy?
press-enquiry: quote chk // can u ok this quote b4 we run it
press-enquiry: Gohebydd // Rwy'n newyddiadurwr. A oes datganiad ar gael?
press-enquiry: tip // I've been told that your deputy has resigned. True? Writing for tomorrow.
safeguarding: upset // A child in my daughter's class says daddy makes her sleep in the shed.
safeguarding: mother // My mum's carers leave her in bed till two and she's lost two stone.
safeguarding: anon // I am too scared to give my name. There are girls being brought to the house opposite at night.
safeguarding: desperate // I have nothing left and nobody would miss me.
safeguarding: teacher // A teacher at my son's school has been messaging girls in year 9 on Snapchat.
safeguarding: dad // dad hits mum and im hiding in my room
safeguarding: Diogelu // Mae gen i bryder am blentyn sydd yn cael ei esgeuluso.
safeguarding: Farm // The workers on the farm are locked in a caravan at night and one has lost a finger.
safeguarding: online // She's eleven and he has told her not to tell her parents that they talk.
safeguarding: brother // My brother has schizophrenia and strangers are using his flat to sell drugs.
information-request: Bonfire night // Please let me know how many officers were on duty in Coalville on 5 November for
  the last four years.
information-request: Request // I request, under the Freedom of Information Act, the total cost of agency staff.
information-request: Closed stations // Which police stations are to be sold and what are they expected to fetch?
information-request: Grants // As treasurer of a charity I would like sight of the scores given to our application.
information-request: Horses // do u know how much the horses cost and can u send me the invoices
information-request: Dogs // Our group wants the numbers of stolen dogs. Can they be got by village?
information-request: Gwybodaeth // Dan y Ddeddf Rhyddid Gwybodaeth, anfonwch gopi o'r contract ataf.
subject-access: Personal data // I would like a full copy of the personal data you process about me.
subject-access: My emails // Send me all emails where my name comes up please.
subject-access: Old case // I was at your panel as a boy. Are there still records of me?
subject-access: client // We act for Mr Vora and request his records under the Data Protection Act, form of authority
  attached.
subject-access: remove me // I withdraw my consent; remove my details and say what you did with them.
complaint: Disappointed // I was very disappointed by the manner of your receptionist, who shouted at my father.
complaint: Wasted // Fourteen emails and I'm still waiting for somebody to ring me.
complaint: Officer 2213 // Officer 2213 drove at me. I want him taken off the road.
complaint: formal complant // this is a formal complant about the pcso in our village
complaint: grant // Your refusal of our grant was unfair and I wish to appeal.
complaint: Stop // Why do your people keep parking on our verge? I've asked them twice and they swore at me.
press-enquiry: Central News // Central News would like to interview the Commissioner about rural crime this afternoon.
press-enquiry: Query // Writing a piece on police cells for the Law Gazette. Who can I speak to?
press-enquiry: Statement? // Is there a statement on the shooting yet? Our reporter is on the scene.
press-enquiry: blog // I blog about Melton and would like a comment from the PCC on the cattle market thefts.
press-enquiry: radio // Could the Commissioner come into the studio on Monday?
press-enquiry: photo call // What time is the photo call and may our camera crew park there?
press-enquiry: newyddion // Ydy'r Comisiynydd ar gael i siarad ar Radio Cymru?
safeguarding: next door // The children next door are never fed and their dad hits them.
safeguarding: help me // My boyfriend has my passport and won't let me leave.
safeguarding: grandma // Grandma's new friend has had her change the will and keeps us out.
safeguarding: teen // My 15 year old sister is sleeping with a man of 40 who gives her money.
safeguarding: hotel // A man booked in with two girls of about 12 and paid cash. They looked frightened.
safeguarding: scout leader // A scout leader has been taking boys to his house alone.
safeguarding: online threats // Someone is threatening to post naked pictures of my daughter unless she sends more.
safeguarding: woried // I'm woried my neigbour is being hurt by her husband.
"""

_CONTACTS = """
information-request: Fwd: query // The attached came to our contact centre, it's an FOI about Board papers so I'm
  handing it on.
subject-access: Fwd: data request // A former tenant has written asking for his data, please see below.
complaint: Resident upset // One of our residents has come to us extremely upset with the Commissioner's caseworker.
press-enquiry: press call // A journalist from the Echo phoned our chair at home about the return.
press-enquiry: Q2 // Form attached. The Hinckley Times wants a picture of our chair with the Commissioner, are you
  happy with that?
safeguarding: Q2 form // Form attached. Also, one of our volunteers saw marks on a boy's neck and I don't know who to
  pass it to.
safeguarding: concern // I am passing on a concern from our night shelter: a pregnant girl of 16 is with a man who
  takes her wages.
information-request: FW: FOI enquiry // This one belongs to you, please answer it direct and copy us in.
subject-access: Fwd: Mr T // Mr T wants to see his file and has sent his passport as ID.
complaint: PS // Return attached. PS Mrs Dale asked me to say that she's making a complaint about your caseworker.
complaint: Fwd: unhappy // This gentleman is very unhappy with the Commissioner's answer and wants to take it further.
press-enquiry: Mercury call // The Mercury called asking for our hate crime figures, we sent them to you.
safeguarding: Return // Return attached. One of our clients told a worker that she means to end her life.
safeguarding: Fwd: child // A mother at playgroup had a split lip and the little boy wouldn't let go of the staff.
"""

_ORDINARY = """
Return // The Q2 return for Oadby and Wigston is attached with apologies for the missing hate crime row.
More time // Any chance of an extension to the 24th? The chair is abroad.
Stats // Please send me the definitions for priorities 3 and 4; the old ones don't match.
Totals // Why does the total in column H not agree with the police figure?
Ward // Could we have the ward figures before you print the paper?
Sums // I make burglary 96, you make it 97. Who is right?
LSCB // On behalf of the Local Safeguarding Children Board please find the neglect and exploitation figures.
LSCB2 // The LSCB manager is content for the CSE number to be published.
LSCB3 // Can you tell the Board that the LSCB counts children, the police count crimes?
Board // The Safeguarding Adults Board asked for the scams figure to be broken down by age.
CSE // CSE disruption notices: 4. One taxi driver lost his licence.
DV // Domestic violence protection notices were issued to 11 men, two breached.
Complaints // Stage one complaints to housing rose to 41 and were answered within ten days.
Noise // Noise nuisance: 88 calls, nine abatement notices.
Police // Police dealt with 14 reports of shouting in the high street.
Customer care // Our customer care team won an award for its complaints handling.
PSD // Professional standards figures are not broken down below force level.
Press // Our press release for White Ribbon Day is attached for your approval.
Press 2 // Media interest in the homicide has been high; lines are agreed with the force.
Coverage // Radio Leicester covered the knife arch at the college.
Interview // Exit interviews show that volunteers leave for work.
Comment // Chair's comment is in column M, as you asked.
FOI // Our information governance group looks at FOI performance each quarter.
FOI2 // FOI performance 94%.
DPA // A data protection impact assessment for the CCTV upgrade has been signed.
Data // The data about repeat victims are held by the force, not by us.
Records // We keep records of each ASB visit for two years.
Copy // I have no copy of the guidance. Would you send one?
Info // Thanks for the information about the dates.
Audit // Internal audit will review our return next year.
Review // The review of the strategy is on page 4.
Victim // Victims' voice: a survivor of abuse spoke at our conference.
Child // Children's centres: 3 closed, 4,000 families use the others.
Youth // Youth club nights drew 60 boys and girls a week.
Gangs // Gang injunctions: one, against a man of 22.
Shop // Shoplifting by people with drug problems is up.
Alcohol // Test purchases: 3 of 20 sold alcohol to a child.
Bus // Bus drivers reported boys throwing stones, and the school was told.
Fire // A pan left alone caused the fire in Barwell.
Elder // Distraction burglary: an elderly couple lost £2,000 in Lutterworth, suspects arrested.
Trafficking // Operation Bluebell found three men in a car wash; all were taken to a safe house.
Drugs // The young people's drug service saw 71 teenagers.
Mental // The mental health car attended 200 calls, in 30 of which somebody was suicidal.
Welfare // Welfare checks on rough sleepers were made in the cold snap.
Road // A boy was hurt at the crossing and a warden has been hired.
Dog // Two dog bites and one seizure.
Weapons // Weapon sweeps in parks found nothing.
Prison // Prison leavers: 14 housed, one recalled.
Worried // I am worried we shall miss the deadline.
Concern // My concern is that rates for Rutland swing widely.
Afraid // I'm afraid the analyst is away until Monday.
Scared // I'm scared of touching the formula.
Harm // No harm in asking: can the form be in Word?
Locked // The workbook is locked for editing by another user.
Alone // I can't do the form alone, I need health's data.
Cut // Our budget was cut by 12%.
Hit // The floods hit us hard in September.
Kill // The new macros kill my laptop!
Abuse // Racial abuse: 21 reports, 4 charged.
Unhappy // We are unhappy with the police figure in row 9.
Unfair // The comparison is unfair, our population has changed.
Apology // Please accept my apologies for the late return.
Wrong // Your receipt has the wrong name for our chair.
Nothing // Nothing further from us this quarter.
Nobody // Nobody here has access to the old mailbox.
Ignore // Ignore the first attachment.
Answer // I had no answer to my question of 3 October on measure 8.
Again // Third time lucky: the form is attached once more.
Promise // We promised to report on street lighting: it is done.
Fail // The upload failed twice.
Lost // Your letter was lost in the move, please send it again.
Upset // Sorry if my note upset anybody.
Trigger // No community triggers were activated.
Objective // Objective 1: cut complaints of fly-tipping.
Appeal // The appeal against the licence was dismissed in August.
Legal // A judicial review of the traveller site was refused leave.
Court // Court results: three convictions for harassment.
Grievance // There is no grievance procedure in our terms of reference.
Staff // Two staff left; a new officer starts in November.
Footer // Return attached. // Our complaints policy is at district.example/complaints. // Report concerns about a
  child to 01509 000000.
Footer 2 // Thanks. // Information in this e-mail may be released under FOI.
Footer 3 // Agreed. // Safeguarding is everyone's business: see something, say something.
Sig // Attached. // Bev Orr // Complaints, FOI and Data Protection Officer
Sig 2 // No change. // Lou Fry // Press Officer, Blaby District Council
Chair // I approve the return. Well done to the domestic abuse team.
Chair 2 // Before I approve, what is behind the rise in child abuse reports?
Sec // The Panel's clerk asks for the paper by noon, since the press get it on Thursday.
Welsh // Amgaeaf y ffurflen. Diolch.
Return // Here is Melton's return. Vehicle crime is the only red.
Question // Which of the two forms should I use, yours of 1 October or of 3 October?
Question 2 // Do you need the chair's signature as well as his reply?
Extension // Would Wednesday be too late? We're short of staff.
LSCB // LSCB figures: child protection plans 212, looked after children 430.
LSCB 2 // As the LSCB's data officer I need the wording of measure 9.
Adults // Adult safeguarding enquiries under the Care Act: 88, concluded 71.
Adults 2 // Three care homes are suspended from new placements.
DA // Police attended 412 domestic incidents with children present.
DA 2 // Helpline calls: 301. Women who fled with children: 14.
CSE // Two men were arrested for grooming after a joint visit.
CSE 2 // The exploitation team is worried about hotels and has trained their staff.
Elder abuse // Elder abuse awareness day was on 15 June.
Missing // The missing children protocol has been rewritten.
Complaints // Complaints about dogs: 14.
Complaints 2 // The council's complaints about refuse are not in scope.
Complaint trend // Since the new bins, complaint numbers have halved.
Complain // People complain of smells from the tip.
Press // We plan a press release on the purse bells.
Press 2 // The press were at the opening of the skate park.
Press 3 // Our Twitter feed has 4,000 followers and the radio advert ran for a week.
News // Good news: the grant from the Home Office has come through.
FOI // There were 22 FOI requests on community safety, most about CCTV.
FOI 2 // The FOI log is on our website.
SAR // Subject access requests to the council rose by a third.
DP // Data protection training has been done by all ASB staff.
Info // Many thanks for the information, just what I needed.
Chair // Happy to approve. Please tell Dee she did well.
Chair 2 // I should like a word with you about the second page before I say yes.
Unhappy // Members were unhappy with the layout of the paper.
Upset // The chair was upset to be left out of the list of addressees.
Sorry // My apologies, I sent you the wrong book.
Wrong // The robbery number is wrong in your receipt, we wrote 4.
Sheet // There's no sheet for local measures, is that right?
Link // Your link doesn't work.
Not received // You say nothing has come, but I have your receipt of the 12th.
Chasing // Please stop the reminders, the form is in.
Again // I've now sent this three times. Is your mailbox full?
Old lead // Jan has retired. I do it for the time being.
Contact // Who is the contact at public health?
Meeting // May I bring our new analyst to the meeting?
Dial // What is the dial-in number?
Paper // How long may our section be?
Paper 2 // Can the map be in colour?
Board // The Board asked us to say what was spent on alley gates: £12,400.
Action // We asked the schools, and eight have replied.
Help // Please help, the drop-down is empty.
Training // Two staff were trained as mental health first aiders.
Fear // Fear of crime is down among the over 60s.
Night // The night bus had 400 users.
Young // Young people from the estate painted the underpass.
Family // Troubled families: 61 turned round.
Students // Students were given bike locks and UV pens.
Drugs // A cannabis farm was found in Enderby and a man was charged.
Sig // Done. // Mo Ali // Complaints and Feedback Officer
Footer // Thanks. // Have we done well? Send a compliment or complaint to feedback@district.example.
"""

_ORDINARY_STRANGERS = """
Rotary // Rotary would like to invite the Commissioner to speak at dinner on 4 December.
Thanks // A big thank you to PCSO Hill who found our dog.
Newsletter // Crimestoppers news: report anonymously; summer campaign on child exploitation; new website.
Training // Places left on Adult Safeguarding Level 2, 3 December, £60.
Recruit // We supply interim FOI and complaints staff at short notice.
Charity // Our refuge is looking for trustees, please pass it round.
Gov // Consultation on the victims' code closes on 12 December.
IT // Your mailbox is almost full.
Venue // Your invoice for room hire is attached.
Church // Our street pastors patrol on Saturdays and would welcome a visit.
Watch // Neighbourhood Watch: two sheds were broken into on Elm Avenue.
Ad // New body cameras for wardens, from £199. Reply for a brochure.
Event // The Rural Crime conference is on 3 March. Early birds pay £50.
Newsletter // Age UK news: scams, loneliness, a new lunch club.
Thanks // Thank you for the grant, the children love their new kit.
Notice // The library closes at 5 on Fridays from November.
Network // CSP officers' network: minutes of 9 October are on the portal.
"""


def _read(told: str) -> list[tuple[str, str]]:
    """Topic and message of each line."""
    lines = (line.split(": ", 1) for line in told.replace("\n  ", " ").strip().split("\n"))
    return [(topic, words.replace(" // ", "\n")) for topic, words in lines]


def _list(told: str) -> list[str]:
    return [line.replace(" // ", "\n") for line in told.replace("\n  ", " ").strip().split("\n")]


CASES = [(*case, True) for case in _read(_STRANGERS)] + [(*case, False) for case in _read(_CONTACTS)]
"""Topic, message, whether a stranger writes it."""

ORDINARY = [(one, True) for one in _list(_ORDINARY_STRANGERS)] + [(one, False) for one in _list(_ORDINARY)]
