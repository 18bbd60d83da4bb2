"""What leads, chairs, residents and reporters write: ordinary words about returns, and words about something else.

All made up. Each line is a message's words; the true ones stand under the topic that they may be about.
"""

from __future__ import annotations

ORDINARY = """
Please find our return attached.
Complaints about anti-social behaviour rose by 12 per cent this quarter.
The number of complaints about noise fell from 41 to 36.
We had 14 formal complaints to the housing team, all settled.
Residents can make a complaint on 101 or through the council's website.
The complaints figure in row 14 should be 36, not 63.
Is the complaints measure per household or per person?
Fewer people complained about fly-tipping in August.
Noise complaints are counted by environmental health, not by us.
We encourage victims to complain early.
Street drinking is the commonest complaint at our joint action group.
Could you tell me whether M11 includes complaints that were withdrawn?
The safeguarding adults board figures will follow next week.
Safeguarding concerns raised by partners rose by 8 per cent.
The LSCB recorded 212 safeguarding referrals, of which 40 were about sexual exploitation.
Children at risk of sexual exploitation: 14 this quarter, 11 in the last.
Our safeguarding lead is on leave until Monday.
Training on how to spot that a child is being groomed reached 60 taxi drivers.
The safeguarding children board meets on 4 November.
We held a safeguarding week with schools in September.
The number of adults at risk of harm who were referred is not available yet.
Safeguarding data comes from the county and is provisional.
The MARAC heard 38 cases; repeat victims at risk of serious harm were 9.
Multi-agency safeguarding hub contacts are counted by the county council.
Two suicide prevention sessions were held with the university.
Domestic abuse incidents rose, which we think is better reporting.
The domestic violence helpline had 300 calls.
The press release about the bonfire campaign went out on Friday.
There was some press coverage of the knife amnesty.
Our press office has put a statement about the patrols on the website.
The campaign was covered by the local radio and the Mercury.
Please do not publish these before the press notice.
We issued a media release jointly with the police.
Is this for publication or for the Board only?
Could our communications team see the paper before the press does?
The deadline for the return is 28 October, I think.
What is the deadline for comments on the draft?
Please could you send me information about the form?
Could you send me the information that we gave you last quarter?
Please send me a copy of the return we made in July.
I would like some information on how the figures are worked out.
What information do you need from us for M05a?
Could you provide a breakdown of the police figures by ward?
Please supply the police figures for Charnwood as soon as you can.
Please can you provide the figures for last year so that we can compare?
Could I request an extension to Friday?
I am requesting a week's extension because our analyst is away.
We request that row 9 is treated as not applicable.
This e-mail may be disclosed under the Freedom of Information Act 2000.
Please note that e-mails to and from the council may be subject to disclosure under the Freedom of Information Act 2000.
The information in this message may be subject to public disclosure under the Freedom of Information Act 2000.
All personal data is processed in accordance with the Data Protection Act 1998.
Unless exempt from disclosure under the FOIA, this message and our answer may be made public.
How we use your personal information is explained in our privacy notice.
If you wish to make a complaint about our service please see our website.
If you are worried about a child, call 0116 305 0005.
To report a safeguarding concern ring the duty team.
To make a Freedom of Information request please use the form on our website.
Jo Smith, Complaints and Information Officer
Sam Brown, Press and Media Officer
Freedom of Information and Data Protection Team
Head of Safeguarding and Family Support
The police answered an FOI last year that gave other figures, so we used theirs.
FOI requests take a lot of the analyst's time, hence the delay.
We answered three subject access requests and it delayed this return.
The figures were published under FOI in August, so they are public.
Please confirm that you received the form.
I am not happy with the figure in row 12 and will send a new one.
We are unhappy with how M07 is worded this year.
We disagree with the police figure for burglary.
I would like to query the figure for theft from the person.
We are concerned about the rise in burglary.
The rise in hate crime is a concern to the partnership.
Members raised concerns about speeding in the villages.
Concerns about cuckooing were raised at the partnership meeting.
I am worried that the figures will not be ready in time.
I am worried about the figure for shoplifting, it looks far too high.
The chair was worried about the trend in domestic abuse.
Our chair is content with this.
I approve this return.
Approved.
Nil return
Nothing to report this quarter.
Happy to approve, thanks for all the work on this.
The chair would like to comment on the summary.
Members asked for comment from the police on response times.
We want to tell a good story about the youth work.
Here is a case story without names for the summary.
Can someone call me about the sign-off sheet?
Please call me urgently, the form will not open.
The workbook is locked and I cannot type in it.
Is it right that the form asks for the same figure twice?
I am writing about the return for July to September.
I am writing on behalf of the chair of Harborough.
We work for the district council and this is our return.
My colleague Jo will write to you about the outstanding figures.
Ellen has told me that the figures are on the shared drive.
She told me that you had rung, I was in a meeting.
He is on leave and not well.
The form does not accept "not available".
Please remove me from the list of contacts.
Please delete the first version of our return.
Please correct our entry for M12.
Please can you delete the old figures for Blaby?
A copy of the minutes is attached.
Please see the report on missing children attached.
Missing persons episodes fell to 31.
Abuse of alcohol is a theme of the strategy.
Hate crime reports by disabled people doubled.
The offender management unit holds that figure.
Two offenders were recalled to prison.
Reports of elder abuse are counted from April.
Threats to kill are recorded as violence without injury.
Stalking and harassment offences rose as recording changed.
Violence against the person was up because of the night-time economy.
The hostel was found unsafe for rough sleepers in winter and was closed.
The pub was dangerous and its licence was reviewed.
The service for adults with no recourse is not ours to report.
Our complaint rate per 1,000 homes is 4.2.
Compliments and complaints are in the Summary under T3.
Ombudsman cases are not counted in M14.
Of the complaints upheld, none was about the wardens.
A petition of 60 names about parking went to full council.
The scrutiny panel asked for a press briefing in December.
We are putting together an article for the residents' magazine about the wardens.
Interviews with offenders are part of the local measure.
The reporter centre for hate crime opened in Loughborough.
Third party reporting centres took 12 reports.
Environmental health gave us the noise figures.
Environmental information on fly-tipping comes from the waste team.
The data sharing agreement under the Data Protection Act is signed.
We cannot give names because of data protection.
Personal data was left out of the summary.
We hold no information about repeat callers.
We do not record that information, so the cell is empty.
Mae'r ffurflen wedi'i hatodi.
Nifer y cwynion am sŵn: 36.
Diolch am y wybodaeth.
Cafwyd mwy o gwynion am ymddygiad gwrthgymdeithasol y chwarter hwn.
Thank you for the information.
That is all the information I have.
I object to nothing in it.
Could the Commissioner's office send a speaker to our meeting?
The Commissioner gave an interview on Radio Leicester which helped the campaign.
Our chair will be interviewed for the evaluation.
We dealt with a complaint by a neighbour through mediation.
The officer who dealt with complaints has left.
I want to add a line to the summary about the safeguarding hub.
I wish to change the figure for complaints to 40.
""".strip().splitlines()

TRUE = {
    "information-request": """
I wish to make a request under the Freedom of Information Act 2000.
Under the Freedom of Information Act please send me all e-mails about the CCTV contract since 2012.
This is a Freedom of Information request.
FOI request: cost of the summit
Please treat this as an FOI request.
Please treat this as a request under FOI.
I am making a request for information under the FOIA.
I would like to request the following information under the Freedom of Information Act: how many wardens were employed.
Can you tell me under FOI how much was spent on consultants?
Freedom of Information Act request
Dear FOI officer, please could you provide the number of complaints made against staff since 2010?
I am writing to request information under the Environmental Information Regulations 2004.
Please supply under the EIR any survey of contaminated land.
EIR request about the depot
This is a request under the Environmental Information Regulations.
In accordance with the Freedom of Information Act, I request copies of the minutes.
Pursuant to the Freedom of Information Act 2000, I seek disclosure of the contract.
Please accept this as a formal request for information.
I request the following recorded information held by your office.
If my request is too wide, please advise under section 16 of the Act how I may narrow it.
Please respond within 20 working days as the law requires.
I look forward to your reply within the statutory twenty working days.
I am not satisfied with your refusal and ask for an internal review of my FOI request.
We have had a freedom of information request from a resident about your figures; can you deal with it?
Please disclose all recorded information you hold on the Charnwood patrols.
Hoffwn wneud cais o dan y Ddeddf Rhyddid Gwybodaeth.
Cais rhyddid gwybodaeth: cost y patrolau
Rwy'n gofyn am wybodaeth o dan y Rheoliadau Gwybodaeth Amgylcheddol.
Dyma gais am wybodaeth dan Ddeddf Rhyddid Gwybodaeth 2000.
I'd like to make a freedom of information enquiry about taser training.
Could this be dealt with as a Freedom of Information matter please.
FoI - spending on hospitality
""",
    "subject-access": """
I would like a copy of all the personal data you hold about me.
This is a subject access request.
Subject Access Request
I am making a subject access request under the Data Protection Act.
Please send me everything you hold on me.
What information do you hold about me?
Under section 7 of the Data Protection Act 1998 please supply the data about me that I am entitled to.
Please provide all information held about me and my son.
I want to see my file.
I want to see the records that you keep about me.
SAR - Mr A Resident
My solicitor has told me to ask you for my personal data.
Under Article 15 of the GDPR I request access to my personal information.
Data subject access request
I request access to my personal data.
Please erase all my personal data.
I have the right to see what you hold about me under data protection law.
Hoffwn gael copi o'r holl ddata personol sydd gennych amdanaf.
Cais gwrthrych am wybodaeth
We act for Ms B and enclose her authority; please let us have all personal data held about our client.
""",
    "complaint": """
I wish to make a complaint.
I want to complain about the way your office treated me.
I am writing to complain about the Commissioner.
I would like to make a formal complaint about one of your officers.
Formal complaint
This is a complaint about the conduct of the Police and Crime Commissioner.
Please treat this letter as a formal complaint.
I wish to lodge a complaint against the chief constable.
I'd like to raise a complaint about your staff.
How do I make a complaint about the PCC?
Who do I complain to about the commissioner?
Please send me your complaints procedure.
I am making a formal complaint about how you published our figures.
My complaint of 3 September has not been answered.
I have not had a reply to my complaint.
I am very unhappy with the service I have received from your office.
I am dissatisfied with how my enquiry was handled.
I shall take this to the Ombudsman.
I will be reporting you to the Information Commissioner.
I am disgusted by the behaviour of your member of staff on the telephone.
Your member of staff was rude to me on the telephone and I want an apology.
Please escalate my complaint to stage two.
Letter of complaint
Complaint about PC 1234
I want to report the conduct of a police officer.
We would like to complain formally about the Commissioner's remarks.
Rwyf am wneud cwyn am y Comisiynydd.
Hoffwn gwyno am eich swyddfa.
Cwyn ffurfiol
I am complaining about the way my call was dealt with.
I have cause to complain about your office.
""",
    "press-enquiry": """
I am a reporter at the Leicester Mercury and would like a comment from the Commissioner.
I'm a journalist working on a story about knife crime.
I am writing a piece for the Guardian about commissioners' spending.
Media enquiry: patrol figures
Press enquiry
Could the Commissioner give us an interview on Thursday?
We are running a story tomorrow on burglary and would like a response from your office.
My deadline is 4pm today. Would the PCC like to comment?
BBC Radio Leicester here: is anybody free to come on the breakfast show?
I work for ITV News Central and wanted to check a figure.
Please could you send a statement for our story on anti-social behaviour?
Can I speak to your press office?
Who handles media enquiries please?
I am a freelance journalist.
I'm calling from the news desk of the Mercury about the budget.
We would like to offer you a right of reply before we publish.
I am a producer on a documentary about policing in the county.
Request for comment: cuts to CCTV
A reporter has rung me about our figures and asked for a comment. What do I say?
The Melton Times has been in touch with me and wants a comment on the figures.
Interview request
Rwy'n newyddiadurwr gyda BBC Cymru.
Ymholiad gan y wasg
""",
    "safeguarding": """
I am worried about a child in our street.
I am worried about the safety of a child at the address I gave you.
I think the boy next door is being beaten.
My neighbour is hitting her children.
I have a safeguarding concern about a resident.
I want to report a safeguarding concern.
Safeguarding concern
I need to make a safeguarding referral.
A young person told me that she is being abused at home.
She has disclosed that her uncle is abusing her.
I believe that an elderly man in our road is being neglected.
I am afraid that my sister will be killed by her husband.
My ex-partner has threatened to kill me.
I am not safe at home.
He is threatening to harm himself.
One of our residents says that he wants to end his life.
I feel suicidal and nobody helps.
I think a girl at our hostel is being sexually exploited.
A girl we work with is being groomed by older men.
We believe that somebody is being held against their will above the shop.
I suspect that the workers there are being trafficked.
There is a child at risk of harm and nobody answers at social services.
While filling in this return I learnt that a child is in danger.
This is a safeguarding alert about one of our tenants.
My husband beats me.
I am being stalked and I fear for my life.
Someone is being abused in the flat below.
Rwy'n poeni am ddiogelwch plentyn.
Mae gennyf bryder diogelu am blentyn.
""",
}
"""What may be about something else, by topic."""

CASES = [(topic, line) for topic, lines in TRUE.items() for line in lines.strip().splitlines()]
