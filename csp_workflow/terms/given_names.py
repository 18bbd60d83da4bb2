"""Given names as people in this country bear them: two words of which the first is one may name a person.

No list has them all. Those that are first of all words or places (May, Grace, Chelsea, Earl ...) are left out.
"""

from __future__ import annotations

_LISTED = """
    Aaron Abdul Abdullah Abigail Adam Adrian Agnieszka Ahmed Aidan Aisha Alan Albert Alec Alex Alexander Alexandra
    Alfie Ali Alice Alison Alistair Alun Amanda Amelia Amina Amir Amit Amy Ana Andrea Andrew Andrzej Andy Aneta
    Angela Angus Anil Anita Ann Anna Anne Annette Annie Anthony Antonia Anwar Archie Arjun Arthur Asha Ashley Asif
    Audrey Ayesha Barbara Barry Beata Becky Ben Benjamin Bernadette Bernard Beryl Beth Bethan Bethany Betty Bill
    Billy Bob Bobby Bogdan Brenda Brian Bridget Bronwen Bryan Callum Calum Cameron Carl Carla Carly Carol Caroline
    Carolyn Catherine Cathy Ceri Charles Charlie Charlotte Cheryl Chloe Chris Christine Christopher Ciara Claire
    Clare Clive Colin Connor Conor Corey Courtney Craig Curtis Cynthia Daisy Damian Dan Daniel Danielle Danny
    Darren Darryl Dave David Dawn Dean Debbie Deborah Declan Deepak Denise Dennis Derek Desmond Diana Diane Dimitri
    Dipak Donald Donna Doreen Doris Dorota Dorothy Doug Douglas Duncan Dylan Eamonn Eddie Edith Edna Edward Edyta
    Eileen Elaine Eleanor Elena Elijah Elizabeth Ella Ellen Ellie Elliot Elliott Elsie Emily Emma Eric Erin Ernest
    Ethan Eugene Eva Evan Evelyn Ewa Faisal Farah Fatima Fatma Fiona Florence Frances Francis Frank Fred Freddie
    Frederick Freya Gareth Gary Gavin Gemma Geoff Geoffrey George Georgia Georgina Gerald Geraldine Gerard Gethin
    Ghulam Gillian Gladys Glenn Glenys Gordon Graeme Graham Grant Greg Gregory Gurpreet Gwen Gwyneth Habib Hamza
    Hannah Hardeep Harold Harriet Harry Harvey Hasan Hassan Hazel Heather Heidi Helen Henry Hilary Howard Hugh
    Hussain Huw Ian Ibrahim Ieuan Imogen Imran Ingrid Ioan Ioana Irene Iris Isaac Isabel Isabella Isla Ismail Ivan
    Ivor Iwona Jack Jackie Jacob Jacqueline Jade Jake James Jamie Jan Jane Janet Janice Jared Jasmine Jason
    Jaswinder Javed Jay Jayden Jayne Jean Jeff Jeffrey Jennifer Jenny Jeremy Jerome Jess Jessica Jill Jim Jimmy Jo
    Joan Joanna Joanne Jodie Joe Joel John Jon Jonathan Jordan Jose Joseph Josephine Josh Joshua Joyce Juan Judith
    Julia Julian Julie Justin Justyna Kai Kamal Kamran Karen Karl Karolina Kasia Katarzyna Kate Kath Katherine
    Kathleen Kathryn Katie Katy Kayleigh Keith Kelly Ken Kenneth Kerry Kevin Khalid Kieran Kim Kirsty Kofi Krystyna
    Krzysztof Kuldeep Kwame Kyle Lakshmi Lara Laura Lauren Lawrence Leah Leanne Lee Leigh Lena Leon Leonard Lesley
    Leslie Lewis Liam Lily Linda Lisa Llinos Lorna Lorraine Louis Louise Lucas Lucy Luke Lydia Lynda Lynn Lynne
    Maciej Magdalena Mahmood Malcolm Malgorzata Mandy Manjit Marcin Marcus Margaret Maria Marian Marie Marilyn Mario
    Marion Marjorie Mark Martin Martyn Mary Maryam Mateusz Matt Matthew Maureen Maurice Maxine Meera Megan
    Mehmet Melanie Melissa Michael Michal Michelle Mick Miguel Mike Millie Miranda Miriam Mo Mohamed Mohammad
    Mohammed Moira Molly Monica Muhammad Mustafa Myfanwy Nadeem Nadia Naomi Nasreen Natalia Natalie Natasha Nathan
    Neha Neil Nia Niamh Nicholas Nick Nicola Nicole Nigel Nikhil Nina Noah Noel Nora Norma Norman Olena Olga Oliver
    Olivia Omar Oscar Osman Owain Owen Pam Pamela Parminder Patricia Patrick Paul Paula Pauline Pawel Penny Peter
    Petra Phil Philip Phillip Phyllis Piotr Pooja Pradeep Priti Priya Rachael Rachel Rafal Raj Rajesh Rajinder Ralph
    Raymond Rebecca Reece Rehana Rhian Rhiannon Rhys Ricardo Richard Rick Ricky Rita Rob Robert Roberta Robin Rodney
    Roger Roland Ron Ronald Ronnie Rory Rosemary Rosie Ross Roy Ruby Rupert Russell Ruth Ryan Sabina Sadia Sally Sam
    Samantha Samira Sammy Samuel Sandeep Sandra Sanjay Sara Sarah Scott Sean Selina Shabana Shane Shannon Sharon
    Shaun Sheila Shirley Sian Sidney Simon Siobhan Sofia Sonia Sophia Sophie Stacey Stan Stanley Stefan Stella
    Stephanie Stephen Steve Steven Stewart Stuart Sue Suleman Sunil Surinder Susan Suzanne Svetlana Sylvia Szymon
    Tahir Tamara Tanya Tara Tariq Ted Terence Teresa Terry Theo Theresa Thomas Tim Timothy Tina Toby Todd Tom Tomasz
    Tommy Toni Tony Tracey Tracy Trevor Tyler Tyrone Usha Usman Valerie Vera Veronica Vicky Vijay Vikram Vincent
    Violet Vivien Vladimir Waleed Walter Wayne Wendy Wilfred William Winston Wojciech Yasmin Yusuf Yvonne Zac Zach
    Zahra Zainab Zara Zoe Zofia Zsolt
"""
GIVEN_NAMES = frozenset(_LISTED.split())
