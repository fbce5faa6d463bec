"""The demo's cities: real pincodes, the names people use for them, and the demand of each.

Only pincodes that have credible offices of their own are here (see server/places/README.md). Demand
grows with homes and incomes and is low where offices stand.
"""

from server.demo.homeserve.model import City, Locality

DELHI = City(
    "Delhi",
    (
        Locality("110001", "Connaught Place", 6),
        Locality("110002", "Darya Ganj", 4),
        Locality("110003", "Lodi Road", 5),
        Locality("110005", "Karol Bagh", 6),
        Locality("110006", "Chandni Chowk", 3),
        Locality("110007", "Kamla Nagar", 3),
        Locality("110008", "Patel Nagar", 5),
        Locality("110013", "Nizamuddin", 4),
        Locality("110014", "Jangpura", 5),
        Locality("110016", "Hauz Khas", 7),
        Locality("110017", "Malviya Nagar", 6),
        Locality("110019", "Kalkaji", 6),
        Locality("110021", "Chanakyapuri", 2),
        Locality("110024", "Lajpat Nagar", 8),
        Locality("110029", "Safdarjung Enclave", 6),
        Locality("110048", "Greater Kailash", 9),
        Locality("110060", "Rajinder Nagar", 4),
        Locality("110092", "Laxmi Nagar", 5),
    ),
    vendors=24,
    customers=48,
    streets=("Main Road", "Block C", "Ring Road", "Market Lane", "Park Avenue", "Gali No. 4"),
)

MUMBAI = City(
    "Mumbai",
    (
        Locality("400001", "Fort", 3),
        Locality("400004", "Girgaon", 4),
        Locality("400005", "Colaba", 6),
        Locality("400006", "Malabar Hill", 7),
        Locality("400008", "Mumbai Central", 4),
        Locality("400011", "Mahalaxmi", 4),
        Locality("400012", "Parel", 5),
        Locality("400013", "Lower Parel", 7),
        Locality("400014", "Dadar East", 6),
        Locality("400016", "Mahim", 5),
        Locality("400018", "Worli", 8),
        Locality("400019", "Matunga", 5),
        Locality("400020", "Marine Lines", 4),
        Locality("400022", "Sion", 4),
        Locality("400026", "Cumballa Hill", 6),
        Locality("400050", "Bandra West", 9),
        Locality("400051", "Bandra East", 6),
    ),
    vendors=18,
    customers=36,
    streets=("Sea View Road", "Station Road", "Hill Road", "Gandhi Marg", "Mill Lane", "Church Street"),
)

BENGALURU = City(
    "Bengaluru",
    (
        Locality("560001", "M. G. Road", 4),
        Locality("560003", "Malleswaram", 6),
        Locality("560004", "Basavanagudi", 5),
        Locality("560005", "Fraser Town", 5),
        Locality("560008", "HAL 2nd Stage", 8),
        Locality("560010", "Rajajinagar", 5),
        Locality("560011", "Jayanagar 3rd Block", 7),
        Locality("560020", "Seshadripuram", 4),
        Locality("560025", "Richmond Town", 5),
        Locality("560027", "Wilson Garden", 4),
        Locality("560034", "Koramangala", 9),
        Locality("560040", "Vijayanagar", 4),
        Locality("560042", "Sivanchetti Gardens", 3),
        Locality("560047", "Viveknagar", 4),
        Locality("560078", "J. P. Nagar", 6),
        Locality("560095", "Koramangala 6th Block", 8),
        Locality("560102", "HSR Layout", 9),
    ),
    vendors=18,
    customers=36,
    streets=("1st Cross", "4th Main", "80 Feet Road", "Temple Street", "Lake View Road", "12th Main"),
)

CITIES = (DELHI, MUMBAI, BENGALURU)
