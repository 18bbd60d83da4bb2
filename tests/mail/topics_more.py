"""More of what people write, in other words: by the same five topics."""

from __future__ import annotations

ORDINARY = """
The group looked at complaints of begging outside the station and agreed a day of action.
Complaints to the licensing team have tailed off since the new conditions.
We logged 9 complaints about off-road bikes, against 15 a year ago.
A resident made a complaint about dog fouling and it was passed to the wardens.
Customers who complain about a taxi are called back within a day.
We have had a complaint about parking at the school from the head teacher.
The trend in complaints about drug litter is down.
I can't open the attachment, please send it again as xls.
I'd be grateful for an explanation of column L.
Could you let me know what is held for Blaby for 2011/12?
Grateful if you could send the police data by Thursday.
Would you please send me the list of measures and the definitions?
May I request that the deadline be moved by two days?
I need the information for M18 from public health before I can fill this in.
We have asked the county for the information and will pass it on.
Please can I have access to the shared folder?
I have had access to the data about my area withdrawn, can you help?
The information I have about my district stops in June.
Who holds the information on hate crime now that Asha has gone?
The safeguarding board's annual report was noted.
Our new safeguarding policy was adopted in July.
Safeguarding alerts went up because care homes report more.
Three schools asked for sessions about grooming and being safe online.
The women's refuge was full throughout August.
A project for young people who are being exploited by gangs has begun.
Work with girls at risk of exploitation goes on.
Victims of domestic abuse told us that the police response had improved.
Two residents were told to keep away from the estate by an injunction.
We were worried about the rise in bike theft in the town centre.
I'm a bit worried about the formula in cell K9.
People were afraid to use the underpass until it was lit.
Fear of crime fell in the survey.
The share who feel safe at home after dark is 91 per cent.
One in ten says that they feel unsafe at night.
Harm reduction clinics saw 80 people.
There was a stabbing in August; tension in the community was high.
A man was killed in a collision on the A6 and we are looking at the junction.
The murder in July is in the figures.
The press covered the court case at length.
Local papers reported the closure order.
The story in the Mercury about our patrols was positive.
Our communications officer drafts a statement each quarter.
Publicity: an article in the parish magazine and one interview on local radio.
I was interviewed for the domestic homicide review.
The chair speaks to the press, not the officers.
Please let me have any comment on the draft by Friday.
We have no comment to make on the police figures.
Can we have a statement of how M12 is counted?
I will report back to the board on Tuesday.
I write to say that our return will be late.
I am writing to ask for more time.
I am writing to confirm the figures.
I want to make a correction to row 12.
I wish to raise a query about M13.
I would like to raise an issue with the form.
We would like to register a change of chair.
I have to make a return for two districts, is one form enough?
I must say the form is easier than the last one.
It is our view that this breaks the data sharing protocol.
Our data protection officer says that counts under five must not go out.
Is the office registered under the Data Protection Act?
The council's information governance team asks where the data is kept.
All requests for police data must go through the analyst, I am told.
The strategy on violence against women is out for comment.
Information requests are handled by the contact centre.
Twenty working days is too short for us to get the court data.
We need at least 20 working days to clear this with the chief executive.
Section 17 of the Crime and Disorder Act applies to all of us.
Under section 115 we can share this with you.
The Act gives us no power over this.
Members resolved to write to the Commissioner about 101 waiting times.
The Panel would like the Commissioner to attend in January.
I am disappointed with the police figure for vehicle crime.
The chair is very unhappy with the rise in burglary.
Your letter says we have faults but I cannot find them.
You have the wrong number for me, it is 0116 496 0222.
I have left a message with your colleague, who was very helpful.
My apologies for the delay.
Apologies, I attached the wrong file.
Sorry to be a pain but the link does not work.
I expect an increase next quarter.
He is being moved to another team so please write to me instead.
The grant is being held back until the audit is done.
The form is being forced into compatibility mode.
Two posts are at risk and the team may be cut.
We are being asked for the same thing by the county.
The town centre scheme is in danger of losing its funding.
A child poverty strategy is in preparation.
The family told the worker that things were better.
Gwelwch y ffurflen ynghlwm.
A allwch chi anfon y ffurflen eto os gwelwch yn dda?
The return is attached; the complaints column is provisional.
Please note the freedom of information team has moved to County Hall.
Who at your office can help me with the form?
I would like to speak to somebody about the workbook.
Can I get a copy of the framework?
Would you have the figures we gave for the same quarter of last year?
I'd like to know how the direction of travel is worked out.
Why do you need this information?
The information in the summary came from the youth service.
We object to the wording of M04.
My records show that we sent this on 14 October.
I keep records of every version, and version 2 is right.
Our records of calls are held by the county.
Could you update your records with my new surname?
The chair has asked me to say that she is not well and will sign next week.
I am off sick from Monday.
My daughter was born on Saturday so I shall be away for two weeks.
I have to collect my son at three, can we talk before?
We had a good response to the story boards in schools.
Is it OK to quote the Mercury in the summary?
The Chronicle printed our advice on scams.
Our tweet about the closure was seen by 4,000 people.
Fifteen referrals were made to the vulnerable adult risk panel.
Children's services tell us that the number of plans is stable.
The perpetrator programme has a waiting list.
Staff were trained in how to take a disclosure.
She is being trained to take over this work from me.
The house was being used by a gang and has been closed.
A young man was hurt in the fight at the fair.
Threats against shop staff were reported to the team.
Our neighbours in Rutland do it in another way.
I am afraid that the figures are late.
I'm afraid I don't have that figure.
I fear the deadline cannot be met.
I'm concerned that M09 is counted twice.
I have concerns about the quality of the ward data.
He said that the figures are safe to use.
She says the file keeps crashing.
I was told to send this to you.
The system is down and hurting our work.
We investigate every complaint.
There was one complaint and it was about us being late with the grant form.
The Commissioner's decision was welcomed by the partnership.
Officers treated the incident as a hate crime.
Police handled the protest well.
We received your reminder and will send the form tomorrow.
Our councillor asked whether the survey covers students.
There has been a lot of public concern about the crossing.
The figure for domestic abuse includes historic reports.
I think we have been sent the wrong form.
Who chairs the panel now?
The children's home had 12 missing episodes in the quarter.
We are struggling to get the data from the hospital.
Could you tell me who else has returned theirs?
I am new to this role, is there any guidance?
Please use this address for me in future.
The team dealt with 40 reports of rough sleeping.
Our legal team wants to see the data sharing agreement before we release ward data.
Abuse of shop staff was raised by the retail group.
We had an interview panel all day so I am late with this.
The story of how the alley was closed is in the summary.
The deadline clashes with half term.
Could the form be made available in Welsh?
The Commissioner's fund paid for two of the cameras.
Members are keen to hear from the Commissioner about 2015.
The victim services contract ends in March.
Public confidence fell and we would like to know why.
I have copied in my manager.
You hold an old version of our plan, the new one is attached.
What we hold on the drive is the signed version.
I have asked our information governance officer whether the note may stand.
An article on the wardens went into the staff newsletter.
Neighbour disputes took up a third of the officers' time.
An elderly resident was helped by the scam team.
She was hurt that her work was not mentioned, could you add it?
I cannot access my account on the portal.
The complainant withdrew, so the case is not counted.
The wardens hit their numbers in August.
Please kill the duplicate row.
I am dying to see the paper.
The chair will attack the cuts in her foreword.
""".strip().splitlines()

TRUE = {
    "information-request": """
I am a resident of Oadby. Please tell me, under the Freedom of Information Act, what you paid consultants in 2013.
I would be grateful if you would provide me with the following under the FoI Act 2000:
Please consider this a Freedom Of Information Act enquiry
FOI/EIR: land at the old depot
Can I have, under the Freedom of Information laws, the minutes of every meeting of the board
I am entitled to this information under the Freedom of Information Act.
Freedom of Information Request - Custody healthcare
Our residents' association requests, under FOIA 2000, a copy of the crime strategy.
I request a review of the decision not to release the information I asked for under the Act.
Attached is an FOI from one of our councillors which I think is for you.
Pls can u send me the info on cctv under freedom of info
Could you forward this to whoever handles Freedom of Information at the PCC's office
This request is made under the Environmental Information Regulations 2004
Rwyf yn gofyn am y wybodaeth ganlynol o dan y Ddeddf Rhyddid Gwybodaeth
what recorded information does the commissioner hold on drones
I'd like to put in an FOI please
Please supply copies of any risk assessments under the Freedom of Information Act.
FOIA 2000 - request for details of PCSO numbers by ward
Can this be answered as a FOI?
Dear Sir or Madam, I write under the Freedom of Information Act 2000 to ask for the following.
I made a FOI request on 1 September and you are out of time.
My earlier Freedom of Information request has not been acknowledged.
Under the Environmental Information Regulations, how many gritting lorries do you run?
Rydw i eisiau gwneud cais Rhyddid Gwybodaeth
Would you kindly furnish me with the information below pursuant to the Freedom of Information Act 2000?
Request for information - FOIA - body worn video
I am exercising my right to information under FOIA.
Please can you respond to this freedom of information request: how many PCSOs left in 2013?
We have received the enclosed FOI request and believe that you hold the information.
I would like a list of all grants under Freedom of Information
Gofynnaf am gopi o'r cofnodion o dan y Ddeddf Rhyddid Gwybodaeth.
""",
    "subject-access": """
Please could you let me have copies of any records which mention me.
I want a copy of everything the Commissioner's office has about me
Under GDPR I would like to know what personal information of mine you process
I wish to exercise my right of access under data protection law.
Could you tell me what data you have stored on me and who you shared it with?
I'd like all emails that mention my name, as is my right under the Data Protection Act.
My mother wants to see her records, can she?
DSAR
I want to know what you hold about me.
Please send me copies of all correspondence about me.
Subject access - please find my ID enclosed
Please tell me what is on my file.
I would like to make a data protection request for my records.
Please stop using my personal data.
I require a copy of my personal records
Please confirm what personal data of mine you are processing.
I would like to see all the information the PCC holds on me.
This is my subject access application.
Can I have my data deleted please? Under GDPR.
""",
    "complaint": """
Your receptionist hung up on me twice and I'd like to know who I take this up with.
I am not happy with how my case was handled by the PCC and want it looked into.
I have a complaint.
Complaint: Chief Constable
I'd like this logged as a complaint please
What is the procedure for complaining about the Police & Crime Commissioner?
The Commissioner's remarks on television were offensive and I want to complain to the panel
I complained to you in May and heard nothing.
Officers came to my house and treated my family appallingly; I want something done.
It is a disgrace how your office has dealt with my letters.
I have a grievance with your office
I made a complaint about PC Jones in April, what has happened to it?
Dw i eisiau gwneud cwyn
We feel we must complain about the tone of your letter.
I am formally complaining about the handling of my call on 3 May
I'd like to register my complaint
How can I complain?
I want to make an official complaint regarding an officer's attitude.
I have been waiting three months for a reply and this is unacceptable.
I am extremely angry about the way I was spoken to by your staff.
Complaint
I was treated with contempt by your officer.
Please pass this complaint to the Police and Crime Panel.
Mae gen i gwyn am y swyddfa
I have been let down by your office.
I want to put in a complaint
To whom should I address a complaint about the Deputy PCC?
I have been treated very unfairly by your office and want to take it further.
Please log a formal complaint against the Chief Executive.
I am making this complaint because nobody rang me back.
My letter of 1 May has still had no reply, which is not good enough.
It's about time someone took responsibility for the way my son was treated by officers.
The behaviour of your staff at the meeting was disgraceful.
""",
    "press-enquiry": """
I'm on the newsdesk at the Mercury and we're hoping to speak to the Commissioner this afternoon.
Hi, Priya from BBC East Midlands. Is the PCC available for a quick clip on burglary?
We're doing a feature on rural crime for Radio Leicester and need a guest.
Can you confirm the figures for our online story, going live at 3?
I write for the Hinckley Times and have some questions on the wardens.
Press query - PCC expenses
A journalist is asking me for our figures before they are published, may I give them?
I edit a local news website and would like the Commissioner's reaction to the cuts.
Request for an interview with the PCC
We are a TV production company making a programme about policing.
The Mercury rang our chair for a quote about the rise in burglary.
student journalist wanting to ask about knife crime
Hello, I'm from the Mercury, could I ask some questions about the report?
I'm with Radio Leicester, who could talk to us about cyber crime?
Could you comment on the burglary figures for our Saturday edition?
Sky News would like to film at the meeting.
I am looking for a spokesperson for an item this evening.
Is the Commissioner doing interviews on the budget?
We plan to publish tomorrow; please respond by noon.
a newspaper asked me about this, please advise
I'm a news reporter with the Hinckley Times, can I get a line from the PCC on this?
Good morning, ITV Central here, we'd love to have the Commissioner on tonight.
I am preparing a report for the Sunday Times on PCC budgets.
Can you give me a quote on the crime figures for the website?
Is there a press officer I could talk to?
We're hoping to film an interview with your boss.
Please treat this as a media request.
""",
    "safeguarding": """
There is a little girl at number 12 who is always outside at night and has bruises.
My dad's carer is stealing from him and shouts at him and I don't know who to tell.
A lad at the youth club says his stepfather hits him.
I'm scared my boyfriend is going to hurt me.
she said she'd kill herself if they moved her
One of the women at our drop-in is being controlled by her husband and is frightened to go home.
I think a vulnerable adult is being cuckooed in the flat above mine.
There are children living in that house with no food.
A pupil has disclosed sexual abuse by a coach.
I don't want to live any more
Please help, he has locked me in and taken my phone
I need to report abuse of an old lady in a care home
We are concerned about a vulnerable resident who has not been seen for a week.
A man keeps following my daughter home from school.
I'm ringing social services but wanted you to know a child is being hurt next door.
I am concerned for the welfare of my neighbour's baby.
A mother at our group told the worker that her partner hits the baby.
I am being abused by my partner.
I've seen the man at number 4 drag a little boy by the hair.
My grandson is being groomed online.
A tenant told our officer that she is being kept as a slave.
I think my neighbour's children are left on their own all night.
He said he will kill his wife.
Someone is going to get hurt if nobody helps this family.
We have a young person here who is self-harming.
I want to die.
Our caretaker saw a child with burns.
An elderly woman in my road has no food and is confused.
I want to raise a safeguarding issue about a resident.
My son is being bullied and beaten at school and nobody does anything.
A young girl told our warden that she is scared of her dad.
I have concerns for the welfare of a child on the estate.
Our officer found two small children alone in a flat.
I'm being threatened by my ex and the police won't come.
She says he will hurt her if she leaves.
I feel like ending it all.
I believe a vulnerable man is being exploited by drug dealers.
""",
}

CASES = [(topic, line) for topic, lines in TRUE.items() for line in lines.strip().splitlines()]
