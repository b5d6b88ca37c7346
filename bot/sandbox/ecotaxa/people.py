"""Who has an account in the stand-in: made-up people of real-sounding institutes."""

LOV = "Laboratoire d'Océanographie de Villefranche"
ICM = "Institut de Ciències del Mar"
USP = "Universidade de São Paulo"
ROSCOFF = "Station Biologique de Roscoff"
MIO = "Mediterranean Institute of Oceanography"
AWI = "Alfred-Wegener-Institut"
NOC = "National Oceanography Centre"
SZN = "Stazione Zoologica Anton Dohrn"
ULPGC = "Universidad de Las Palmas de Gran Canaria"
HAWAII = "University of Hawai'i at Mānoa"

PEOPLE: tuple[tuple[str, str, str], ...] = (
    ("Elena Rodriguez", "elena@lab.example", ICM),
    ("Amélie Laurent", "amelie@lab.example", "LOV Villefranche"),
    ("Tomás Silva", "tomas@lab.example", USP),
    ("Ada Okafor", "ada@lab.example", LOV),
    ("Gaston Petit", "gone@lab.example", MIO),
    ("Petra Novak", "pending@lab.example", "Univerza v Ljubljani"),
    ("Claire Martin", "claire.martin@lov.example", LOV),
    ("Claire Martin", "cmartin@mio.example", MIO),
    ("Paul Martin", "paul.martin@roscoff.example", ROSCOFF),
    ("Inês Martins", "ines.martins@ipma.example", "Instituto Português do Mar e da Atmosfera"),
    ("Martina Keller", "m.keller@awi.example", AWI),
    ("Jean-Martin Dubois", "jm.dubois@lov.example", LOV),
    ("Eduardo Rodriguez", "eduardo.rodriguez@ulpgc.example", ULPGC),
    ("Eva Rodríguez", "eva@uvigo.example", "Universidade de Vigo"),
    ("Maria Rossi", "maria.rossi@szn.example", SZN),
    ("Luca Bianchi", "luca.bianchi@szn.example", SZN),
    ("Giulia Ferrari", "giulia@ogs.example", "OGS Trieste"),
    ("Anna Schmidt", "anna.schmidt@awi.example", AWI),
    ("Lars Nielsen", "lars@dtu.example", "DTU Aqua"),
    ("Ingrid Johansen", "ingrid@imr.example", "Havforskningsinstituttet"),
    ("Sven Lindqvist", "sven@gu.example", "Göteborgs universitet"),
    ("Katarzyna Wójcik", "k.wojcik@iopan.example", "Instytut Oceanologii PAN"),
    ("Yuki Tanaka", "yuki@hokudai.example", "Hokkaido University"),
    ("Haruto Sato", "sato@jamstec.example", "JAMSTEC"),
    ("Li Wei", "li.wei@ouc.example", "Ocean University of China"),
    ("Chen Jing", "chen.jing@xmu.example", "Xiamen University"),
    ("Min-jun Kim", "mjkim@kiost.example", "KIOST"),
    ("Priya Nair", "priya@nio.example", "National Institute of Oceanography, Goa"),
    ("Fatima Zahra El Idrissi", "fz.elidrissi@inrh.example", "INRH Casablanca"),
    ("Kwame Mensah", "kwame@ug.example", "University of Ghana"),
    ("Thandiwe Dlamini", "thandi@uct.example", "University of Cape Town"),
    ("Camila Souza", "camila@furg.example", "Universidade Federal do Rio Grande"),
    ("Mateo González", "mateo@imarpe.example", "Instituto del Mar del Perú"),
    ("Valentina Rojas", "vrojas@udec.example", "Universidad de Concepción"),
    ("Grace O'Neill", "grace.oneill@marine.example", "Marine Institute, Galway"),
    ("James Taylor", "james.taylor@noc.example", NOC),
    ("James Taylor", "jtaylor@pml.example", "Plymouth Marine Laboratory"),
    ("Emily Carter", "emily@whoi.example", "Woods Hole Oceanographic Institution"),
    ("Keola Kahale", "keola@hawaii.example", HAWAII),
    ("Noah Tremblay", "noah@ulaval.example", "Université Laval"),
    ("Sophie Lefèvre", "sophie.lefevre@ifremer.example", "Ifremer"),
    ("Hugo Bernard", "hugo.bernard@roscoff.example", ROSCOFF),
    ("Olga Ivanova", "olga@shirshov.example", "Shirshov Institute of Oceanology"),
    ("Daan de Vries", "daan@nioz.example", "NIOZ"),
    ("Eleni Papadopoulou", "eleni@hcmr.example", "Hellenic Centre for Marine Research"),
    ("Mehmet Yilmaz", "mehmet@metu.example", "METU Institute of Marine Sciences"),
    ("Test 100% _underscore_", "percent@lab.example", "A name that a LIKE can stumble over"),
)
"""Name, e-mail and organisation; the place in the list is the id, from 1."""
