-- Our reference of arenas: a row per arena and team whose home it is (is_present) or once was; a neutral arena has no
-- team. names are the building's names, the present one first, then those of other years and other spellings.
-- Coordinates are the building's; the altitude is the one that its place is known by.
WITH arenas AS (
  SELECT
    'State Farm Arena, Philips Arena' AS names, 'ATL' AS team_abbr, TRUE AS is_present, 'Atlanta' AS city,
    33.7573 AS latitude, -84.3963 AS longitude, 'America/New_York' AS time_zone, 1050 AS altitude_feet
  UNION ALL SELECT 'Barclays Center', 'BKN', TRUE, 'Brooklyn', 40.6826, -73.9754, 'America/New_York', 30
  UNION ALL SELECT
    'TD Garden, TD Banknorth Garden, FleetCenter',
    'BOS', TRUE, 'Boston', 42.3662, -71.0621, 'America/New_York', 20
  UNION ALL SELECT
    'Spectrum Center, Time Warner Cable Arena, Charlotte Bobcats Arena',
    'CHA', TRUE, 'Charlotte', 35.2251, -80.8392, 'America/New_York', 751
  UNION ALL SELECT 'United Center', 'CHI', TRUE, 'Chicago', 41.8807, -87.6742, 'America/Chicago', 594
  UNION ALL SELECT
    'Rocket Arena, Rocket Mortgage FieldHouse, Quicken Loans Arena, Gund Arena',
    'CLE', TRUE, 'Cleveland', 41.4965, -81.6882, 'America/New_York', 653
  UNION ALL SELECT 'American Airlines Center', 'DAL', TRUE, 'Dallas', 32.7905, -96.8104, 'America/Chicago', 430
  UNION ALL SELECT 'Ball Arena, Pepsi Center', 'DEN', TRUE, 'Denver', 39.7487, -105.0077, 'America/Denver', 5280
  UNION ALL SELECT 'Little Caesars Arena', 'DET', TRUE, 'Detroit', 42.341, -83.0552, 'America/New_York', 600
  UNION ALL SELECT 'Chase Center', 'GSW', TRUE, 'San Francisco', 37.768, -122.3877, 'America/Los_Angeles', 10
  UNION ALL SELECT 'Toyota Center', 'HOU', TRUE, 'Houston', 29.7508, -95.3621, 'America/Chicago', 80
  UNION ALL SELECT
    'Gainbridge Fieldhouse, Bankers Life Fieldhouse, Conseco Fieldhouse',
    'IND', TRUE, 'Indianapolis', 39.764, -86.1555, 'America/Indiana/Indianapolis', 715
  UNION ALL SELECT 'Intuit Dome', 'LAC', TRUE, 'Inglewood', 33.9448, -118.3417, 'America/Los_Angeles', 131
  UNION ALL SELECT
    'Crypto.com Arena, Staples Center',
    'LAL', TRUE, 'Los Angeles', 34.043, -118.2673, 'America/Los_Angeles', 285
  UNION ALL SELECT 'FedExForum', 'MEM', TRUE, 'Memphis', 35.1382, -90.0506, 'America/Chicago', 337
  UNION ALL SELECT
    'Kaseya Center, FTX Arena, Miami-Dade Arena, AmericanAirlines Arena',
    'MIA', TRUE, 'Miami', 25.7814, -80.187, 'America/New_York', 6
  UNION ALL SELECT
    'Fiserv Forum, Wisconsin Entertainment and Sports Center',
    'MIL', TRUE, 'Milwaukee', 43.0451, -87.9173, 'America/Chicago', 617
  UNION ALL SELECT 'Target Center', 'MIN', TRUE, 'Minneapolis', 44.9795, -93.276, 'America/Chicago', 830
  UNION ALL SELECT
    'Smoothie King Center, New Orleans Arena',
    'NOP', TRUE, 'New Orleans', 29.949, -90.0821, 'America/Chicago', 3
  UNION ALL SELECT 'Madison Square Garden', 'NYK', TRUE, 'New York', 40.7505, -73.9934, 'America/New_York', 33
  UNION ALL SELECT
    'Paycom Center, Chesapeake Energy Arena, Oklahoma City Arena, Ford Center',
    'OKC', TRUE, 'Oklahoma City', 35.4634, -97.5151, 'America/Chicago', 1201
  UNION ALL SELECT 'Kia Center, Amway Center', 'ORL', TRUE, 'Orlando', 28.5392, -81.3839, 'America/New_York', 82
  UNION ALL SELECT
    'Xfinity Mobile Arena, Wells Fargo Center, Wachovia Center',
    'PHI', TRUE, 'Philadelphia', 39.9012, -75.172, 'America/New_York', 39
  UNION ALL SELECT
    'Mortgage Matchup Center, PHX Arena, Footprint Center, Phoenix Suns Arena, Talking Stick Resort Arena',
    'PHX', TRUE, 'Phoenix', 33.4457, -112.0712, 'America/Phoenix', 1086
  UNION ALL SELECT
    'Moda Center, Rose Garden, Rose Garden Arena',
    'POR', TRUE, 'Portland', 45.5316, -122.6668, 'America/Los_Angeles', 50
  UNION ALL SELECT 'Golden 1 Center', 'SAC', TRUE, 'Sacramento', 38.5802, -121.4997, 'America/Los_Angeles', 30
  UNION ALL SELECT
    'Frost Bank Center, AT&T Center',
    'SAS', TRUE, 'San Antonio', 29.427, -98.4375, 'America/Chicago', 650
  UNION ALL SELECT
    'Scotiabank Arena, Air Canada Centre',
    'TOR', TRUE, 'Toronto', 43.6435, -79.3791, 'America/Toronto', 251
  UNION ALL SELECT
    'Delta Center, Vivint Arena, Vivint Smart Home Arena, EnergySolutions Arena',
    'UTA', TRUE, 'Salt Lake City', 40.7683, -111.9011, 'America/Denver', 4226
  UNION ALL SELECT
    'Capital One Arena, Verizon Center, MCI Center',
    'WAS', TRUE, 'Washington', 38.8981, -77.0209, 'America/New_York', 25
  UNION ALL SELECT
    'Crypto.com Arena, Staples Center',
    'LAC', FALSE, 'Los Angeles', 34.043, -118.2673, 'America/Los_Angeles', 285
  UNION ALL SELECT
    'Oracle Arena, Oakland Arena, Oakland Coliseum Arena',
    'GSW', FALSE, 'Oakland', 37.7503, -122.203, 'America/Los_Angeles', 10
  UNION ALL SELECT
    'Palace of Auburn Hills, The Palace of Auburn Hills',
    'DET', FALSE, 'Auburn Hills', 42.6969, -83.2456, 'America/New_York', 968
  UNION ALL SELECT
    'Bradley Center, BMO Harris Bradley Center',
    'MIL', FALSE, 'Milwaukee', 43.0438, -87.917, 'America/Chicago', 617
  UNION ALL SELECT
    'Sleep Train Arena, Power Balance Pavilion, ARCO Arena',
    'SAC', FALSE, 'Sacramento', 38.6491, -121.5181, 'America/Los_Angeles', 20
  UNION ALL SELECT
    'Benchmark International Arena, Amalie Arena',
    'TOR', FALSE, 'Tampa', 27.9428, -82.4519, 'America/New_York', 10
  UNION ALL SELECT 'Prudential Center', 'BKN', FALSE, 'Newark', 40.7335, -74.1711, 'America/New_York', 30
  UNION ALL SELECT 'T-Mobile Arena', NULL, FALSE, 'Las Vegas', 36.1028, -115.1784, 'America/Los_Angeles', 2001
  UNION ALL SELECT 'Moody Center, Moody Center ATX', NULL, FALSE, 'Austin', 30.2819, -97.7324, 'America/Chicago', 489
  UNION ALL SELECT
    'Arena CDMX, Mexico City Arena, Arena Ciudad de México',
    NULL, FALSE, 'Mexico City', 19.4967, -99.1758, 'America/Mexico_City', 7350
  UNION ALL SELECT
    'Accor Arena, AccorHotels Arena, Bercy Arena',
    NULL, FALSE, 'Paris', 48.8386, 2.3785, 'Europe/Paris', 115
  UNION ALL SELECT 'The O2 Arena, The O2, O2 Arena', NULL, FALSE, 'London', 51.503, 0.0032, 'Europe/London', 36
  UNION ALL SELECT 'Co-op Live', NULL, FALSE, 'Manchester', 53.4856, -2.193, 'Europe/London', 125
  UNION ALL SELECT
    'Uber Arena, Mercedes-Benz Arena, Mercedes-Benz Arena Berlin',
    NULL, FALSE, 'Berlin', 52.5058, 13.4433, 'Europe/Berlin', 112
  UNION ALL SELECT
    'ESPN Wide World of Sports Complex, AdventHealth Arena, The Arena, HP Field House, Visa Athletic Center',
    NULL, FALSE, 'Lake Buena Vista', 28.337, -81.5556, 'America/New_York', 98
)
SELECT
  SPLIT(names, ', ')[SAFE_OFFSET(0)] AS venue_name,
  team_abbr,
  is_present,
  city,
  CAST(latitude AS FLOAT64) AS latitude,
  CAST(longitude AS FLOAT64) AS longitude,
  time_zone,
  altitude_feet,
  SPLIT(names, ', ') AS names
FROM arenas
