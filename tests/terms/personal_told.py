"""What people write of others, made up, in the cells of a return; and what names nobody, or only who does the work."""

from __future__ import annotations

CASES = """
Jason Reid was handed a two year order for dealing.
The complainant, Olena Bondar, is afraid to go home.
Family at 9 Ferndale Drive has had its tenancy ended.
Carl Weston lives with his mum on the Gorse Hill estate.
Ring the victim on 07845 111222.
Rosie (11) was found in Skegness.
Son Ethan has been out of school since May.
Perpetrator: M. Suleman
Email shaz1988@gmail.com for her statement
Notice of seeking possession served on Donna Ives
She was born on 2 Feb 1971
MU58 XPL was stopped with drugs inside
Wilson, Gary (b. 1962) removed from the scheme
passport no. 509876543
Our worst offender, Lee Kirk, is back inside.
Mr Tariq Aziz reported that his windows were smashed
The death of Piotr Nowak is being reviewed.
Stephen Gale pleaded not guilty
Top three nominals: Wayne Todd, Ashley Rudd, Kieran Lowe
Begging: Peter, about 50, sleeps by Boots
Hannah Cole told staff that she had been raped
Gang member Jerome Bright was tagged
Keith Moss and his brother threaten neighbours
Sarah's ex partner is Dean Frost
Zoe Lund has moved to a refuge in Derby
Lads involved: Callum Gray, Josh Penn and Alfie Roe
9, Station Terrace - third break-in
Tenancy of Michelle Orton
The stalker is Graham Wells
Two sisters, Aisha and Zainab, have gone missing
Mr D Pratt of Barrow has been targeted by scammers
an elderly lady, Edna Marsh, gave £9,000
call her on 0116 255 1234
Lewis, a 15-year-old, was stabbed
Amy Dunn's children were taken into care
Nathan Poole, the driver, was uninsured
Rhys Morgan: gorchymyn llys
JB of 31 Sycamore Close
Drug line run by Tyrone 'T' Blake
Laura Finn, who has mental health problems, calls 999 daily
Postcode: LE2 7QW
Kids of Tracy Bell are running wild
interviewed Mandy Short under caution
Caller Vera Hobbs is lonely
His NI number is JK 22 33 44 A
Tenant Bogdan Popa subletting
repeat caller June Askew
Julie Nash rehoused after assault
Restorative meeting between Tom Briggs and Mr Shah
taxi driver Nadeem Akhtar lost his licence
Child protection: baby Noah
the shopkeeper Mr Singh was punched
Robbed: Ellen Tye, 79
Ahmed Khan (22) remanded
Sharon Lacey - alcohol - refer to Turning Point
Kevin at number 14 plays music all night
Helen Tait received a caution
our client Barry is doing well and is sober
Gemma Hale thanked the IDVA for saving her life
Paedophile Norman Cutts is out on licence
Wayne Hutton of Barkby was given a community order.
We are still working with Shelly and her two boys after the assault.
Two warnings to Ibrahim Said for cycling in the precinct
Injured party Colin Yates has withdrawn
Ms Vickers says her ex has a key
Ryan Gough's tenancy was demoted
the alleged abuser is Terry Lomas
17 Poplar Avenue: drug dealing reported by neighbours
Text 07700 900 456 for Ruby
Nazia K (19) left home
Kenneth Bray, 71, was defrauded
Josh, 13, is the youngest nominal
His brother Anil is in prison
BD51 SMR parked outside
Gang led by Marcus Doyle
Mark Fenn rang 40 times
Steve Hobday has mental health issues
Removal of Patrick Ward and family from the site
the late Irene Cope
Charlotte Pope was groomed online
Mrs Olive Tandy had her purse stolen
Mr Raja's shop window was broken
M. Novak cautioned
rehousing of Sonia Bibi
Sex worker known as Tina
DOB: 14-09-1988
victim Rebecca Holt
complainant - Joanne Peel
Jamal on bail until May
Luke Harris, Ben Harris and Tom Dunn got ABCs
Phil Groves is drinking again
Michael and his mum Tracy attended
LE67 4HJ
Beggar called Nigel moved on
suspect Ivan Petrov
the girl, Yasmin, is now safe
Lauren at 22 Beech Road
Oliver Stone aged 9
lenny.t@gmail.com
home number 01530 812345
""".strip().splitlines()

ORDINARY = """
Robberies fell after Operation Kestrel.
PC 4471 and PCSO 6120 ran the surgery.
Sgt Amy Carter has taken over the beat.
Completed by Paul Jenner, Community Safety Officer
Approved by Cllr Ann Bowler
Graham Hills, Chair of the CSP
Richard Clarke
Sue Blaine, ASB lead, and Tom Rowe from Housing attended
Contact: Helen Marlow
Sarah Dowd leads on domestic abuse.
Inspector Kate Finlay reports a fall in burglary.
Martin Ellis, Fire Service, gave the talk on arson
Thanks to Jane Wade of the IDVA service for the figures
Our analyst, Peter Crane, has checked it
Neil Armitage (Public Health) will bring a paper on suicide
Chris Tait and Jo Farrow run the youth café
Lee Street, Alexander Street and Charles Street
George Ward Centre
Victoria Road and Albert Road
Edward Road burglary hot spot: 9 offences
St John Street
Henry Bramley Hall
Thomas Cook shop theft
Jack Wills, Paul Smith and Ted Baker stores were hit by shoplifters
Tom Crean pub licence reviewed
The Harry Potter launch night
Stephen Lawrence day
Sarah's Law and Clare's Law requests: 12
Clare's Law
Martyn's Law
Amber Alert
Francis Report
Winsor review
Casey Report on antisocial behaviour
Robert Bakewell School
Lady Jane Grey School
Sir Jonathan North
Ellis Avenue, Ross Walk and Harrison Road
Hope Hamilton School
Rose Street: 3 thefts
4 burglaries in Knighton Lane
In week 12 Sparkenhoe Street saw 8 offences
12 High Street shops
Phase 2 Gypsy Lane alley gates
Ward 4 Melton Road
Route 74 Melton Road
A606 Oakham Road
Year 9 Mill Lane pupils
20 Park Drive residents signed up
LE3 5 sector
10 July
Between 2 May and 9 June
by 15 per cent
Call 0345 060 0600 for advice
01664 502502 is the council's switchboard
Report to crimestoppers-uk.org
asb@melton.example
Two men were charged with conspiracy.
The father of two was jailed.
A woman in her thirties was assaulted on New Walk.
A 44 year old from Syston was sentenced.
Boy, 14, given a referral order
Victim, aged 82, lost £4,000
The killer was sentenced in August
Suspect charged, case at Crown Court on 4 November
Breach of injunction in Thurmaston
Injunction granted in Market Harborough
Closure order on a flat in Highfields
Dispersal zone, Queens Road
Offender from Nuneaton banned from Hinckley
Young man from Oakham
Domestic abuse in Scraptoft Ward
MARAC: 28 cases
MAPPA level 3: none
DHR published on the website
DHR 'Adult J' continues
Case of Child K
PPO cohort of 14
ABC signed with eleven youths
CBO: 2 granted, 1 breached
Victims' Champion
Dementia Friends
Dementia Action Alliance, Melton Mowbray
Suicide prevention at Frog Island
Homeless at Jubilee Centre
Knife arch at Leicester College
Banned items bin
Theft from person, Highcross
Robbery at Rushey Fields
Burglaries on the Martin estate
The Ashley Road closure
Kelly's nightclub had its licence reviewed
Ali Baba takeaway, three visits
Jack's Patch allotments
Peter Pan nursery
Mary Linwood School
Maria Fidelis trust
Russell Hobbs kettles stolen
Ford Fiesta thefts
VW Golf and BMW keyless
Mercedes Sprinter vans
Honda motorbikes
Samsung and Apple phones taken
Adidas store
Tesco Express, Glen Parva
Co-op Anstey
B&Q Thurmaston
Lidl
2014/15 Q1 to Q2
FY2014
Jan-Mar 2015
see Annex B
£1.2m
3:1
Grant Thornton audited the spend
Max Speed signs
Dean Road, Dale Street and Heath Lane
Joy Riders project
Chelsea tractor parking
Holly Hayes, Head of Safeguarding
Dawn patrols
Carol service
Safer Streets week visited 12 roads.
Emma Rigby, IOM manager, presented the cohort.
PC Dave Laws spoke to pupils.
Sharon Stacey
Karen from Turning Point trains our staff.
Ask Louise Pike for the ward maps.
Burglary dwelling 34 (41), vehicle crime 60 (58)
Thefts from Sainsburys in Melton Road
Grove Park, Fosse Park and Meridian
Harborough Road, Clarence Street
ASB around Jubilee Park after school
St Mary's Road: six cars broken into
A case of hate crime on Narborough Road
Victim Support: 14 referrals
40 victims aged 60+
Domestic abuse by ward: Hastings 14, Lemyngton 20
Parents of two boys fined by the school
Boys and girls aged 8 to 11
A woman was robbed on Paget Street.
Man stabbed outside the Royal Oak
Man, 34, charged with murder
Suspects linked to Nottingham
Offenders from Coventry
Sentences: 3 years, 18 months
Case conference on 3 June
Injunctions sought in Charnwood
Banning order at Filbert Way
House of Lords report
Lord Harris review of deaths in custody
Robin Hood Park
Martin Street, Stanley Street, Ross Hill
Grace Road cricket
Max Bar, Dino's, Republic
Simon de Montfort Square
Bishop Street sessions
Barry's Fish Bar robbed twice
Pat Collins funfair
Ben Hall lane
Neighbour Dispute Mediation
Lee Valley
Lisa's Law
Operation Gary
Alexander Court flats
Elizabeth Park
William Peak estate
Tudor Grange Samworth
Rawlins Academy
3.2 per 1,000
1 in 5
24/7
999 and 101
0116 222 2222 (switchboard)
18 Operation days
5 Fire Stations
12 Young Street Ambassadors
11 Safer Route walks
2 Way radios
6 Court days
30 Drive Safe sessions
Test purchase, 9 stores
3 Close calls
Year 6 pupils
Tier 4 beds
Band 2
Level 3
Stage 1
Item 7
NHS England
NHS number of beds
County lines from London
Drug deaths 4
Spice users
Pregnant women smoking 11%
Homeless count 9
Jobcentre Plus
Mental Health Act section 136: 12
Child sexual exploitation, Operation Fern
""".strip().splitlines()
