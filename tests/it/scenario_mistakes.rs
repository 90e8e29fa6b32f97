//! Every kind of mistake in a scenario file, with the message that is printed for it.
//!
//! Each case changes a good file in one place; the messages are in `snapshots/`. A message names file,
//! line and column, underlines what is wrong and says what would be right.

use mailpath::scenario::{self, Problems};

/// A file without mistakes that has a bit of everything.
const GOOD: &str = r#"{
  "format": 1,
  "name": "small",
  "title": "A small network",
  "start": "2025-03-03T09:00:00Z",
  "names": { "table": { "old.example": "192.0.2.25" } },
  "tcp": { "rto_min": "1 s", "rto_max": "60 s", "delayed_ack": "40 ms" },
  "hosts": [
    {
      "name": "alice-pc",
      "fqdn": "alice-pc.a.example",
      "address": "192.0.2.10/25",
      "gateway": "192.0.2.1",
      "user_agents": [{ "address": "alice@a.example", "name": "Alice", "user": "alice", "smtp": "mail.a", "imap": "mail.a" }]
    },
    {
      "name": "mail.a",
      "address": "192.0.2.25/25",
      "mail_server": {
        "domains": ["a.example"],
        "users": [{
          "name": "alice",
          "folders": ["Work"],
          "mail": [
            { "folder": "Work", "uid": 7, "from": "bob@b.example", "subject": "Plans", "text": "hello" },
            { "folder": "Work", "uid": 9, "from": "bob@b.example" }
          ]
        }],
        "aliases": { "postmaster": "alice" },
        "smtp": { "port": 25, "greet": "EHLO" },
        "imap": { "port": 143 },
        "queue": { "retry": ["30 min", "2 h"] }
      }
    },
    {
      "name": "mail.b",
      "address": "198.51.100.25/25",
      "off": false,
      "mail_server": { "domains": ["b.example"], "users": [{ "name": "bob" }], "smtp": {} }
    },
    {
      "name": "www.b",
      "address": "198.51.100.80/25",
      "web_server": { "objects": [{ "path": "/", "type": "text/plain", "text": ["hello"] }] },
      "dns_server": {
        "zones": [
          { "origin": "b.example", "records": [{ "name": "mail", "type": "A", "address": "198.51.100.25" }] }
        ]
      }
    }
  ],
  "switches": ["sw-a", "sw-b"],
  "routers": [
    { "name": "r-a", "addresses": { "sw-a": "192.0.2.1/25", "r-b": "203.0.113.253/30" } },
    { "name": "r-b", "addresses": { "sw-b": "198.51.100.1/25", "r-a": "203.0.113.254/30" } }
  ],
  "links": [
    { "from": "alice-pc", "to": "sw-a", "delay": "4 ms", "loss": "0 %" },
    { "from": "mail.a", "to": "sw-a", "delay": "1 ms" },
    { "from": "sw-a", "to": "r-a" },
    { "from": "r-a", "to": "r-b", "delay": "48 ms", "rate": "1 Mbit/s", "queue": 10, "name": "long" },
    { "from": "r-b", "to": "sw-b" },
    { "from": "mail.b", "to": "sw-b", "delay": "1 ms" },
    { "from": "www.b", "to": "sw-b", "delay": "1 ms" }
  ],
  "actions": [
    { "at": "0 s", "send": { "host": "alice-pc", "to": ["bob@b.example"], "subject": "Hello", "text": ["hello"] } },
    { "at": "1 s", "drop": { "match": { "from": "mail.a", "flags": ["SYN"], "starts": "MAIL" }, "count": 1 } },
    { "at": "2 s", "cut": { "link": "r-a--r-b", "from": "r-a" } },
    { "at": "3 s", "mend": "long" },
    { "at": "4 s", "stop": { "host": "mail.b", "service": "smtp" } },
    { "at": "5 s", "read": { "host": "alice-pc", "commands": ["LOGIN", "SELECT INBOX", "LOGOUT"] } },
    { "at": "6 s", "browse": { "host": "alice-pc", "server": "www.b", "paths": ["/"] } },
    { "at": "7 s", "off": "mail.b" }
  ],
  "runs": [
    { "id": "1", "title": "as it stands" },
    { "id": "2", "set": { "hosts.mail.a.mail_server.smtp.greet": "HELO" } }
  ],
  "story": [
    {
      "step": 1,
      "title": "Alice writes",
      "begins": { "event": "mua.compose", "where": { "host": "alice-pc" } },
      "done": { "event": "tcp.open", "where": { "server": "mail.a", "port": 25 }, "nth": 1 }
    },
    {
      "step": 2,
      "title": "The mail is there",
      "begins": { "event": "tcp.open", "where": { "server": "mail.b" } },
      "done": { "event": "mailbox.store", "where": { "user": "bob" } }
    }
  ]
}
"#;

type Edit = (&'static str, &'static str);

/// Name of the case, kind of the first mistake, how many there are, and the edits (text that stands in the
/// file once, and what takes its place).
type Case = (&'static str, &'static str, usize, &'static [Edit]);

const CASES: &[Case] = &[
    // JSON
    ("comma_missing", "syntax", 1, &[("\"format\": 1,", "\"format\": 1")]),
    ("comma_too_many", "syntax", 1, &[("\"sw-b\"],", "\"sw-b\",],")]),
    ("comment", "syntax", 1, &[("\"format\": 1,", "\"format\": 1, // the first")]),
    ("single_quotes", "syntax", 1, &[("\"name\": \"small\"", "'name': \"small\"")]),
    ("no_quotes", "syntax", 1, &[("\"name\": \"small\"", "name: \"small\"")]),
    ("word_without_quotes", "syntax", 1, &[("\"name\": \"small\"", "\"name\": small")]),
    ("text_without_end", "syntax", 1, &[("\"A small network\",", "\"A small network,")]),
    ("colon_missing", "syntax", 1, &[("\"title\": \"A small", "\"title\" \"A small")]),
    ("value_missing", "syntax", 1, &[("\"start\": \"2025-03-03T09:00:00Z\"", "\"start\": ")]),
    ("object_without_end", "syntax", 1, &[("  ]\n}\n", "  ]\n")]),
    ("behind_the_end", "syntax", 1, &[("  ]\n}\n", "  ]\n}\n{}\n")]),
    ("leading_zero", "syntax", 1, &[("\"port\": 143", "\"port\": 0143")]),
    ("hexadecimal", "syntax", 1, &[("\"port\": 143", "\"port\": 0x8f")]),
    ("field_twice", "duplicate_field", 1, &[("\"name\": \"small\",", "\"name\": \"small\",\n  \"name\": \"large\",")]),
    // version, fields, kinds of values
    ("later_format", "unknown_format", 1, &[("\"format\": 1,", "\"format\": 2,")]),
    ("no_format", "missing_field", 1, &[("  \"format\": 1,\n", "")]),
    ("unknown_field", "unknown_field", 1, &[("\"delay\": \"4 ms\"", "\"dealy\": \"4 ms\"")]),
    ("unknown_field_without_a_neighbour", "unknown_field", 1, &[("\"off\": false", "\"colour\": \"red\"")]),
    (
        "misspelt_field_that_must_be_there",
        "unknown_field",
        1,
        &[("\"address\": \"198.51.100.80/25\"", "\"adress\": \"198.51.100.80/25\"")],
    ),
    ("missing_field", "missing_field", 1, &[("      \"address\": \"198.51.100.80/25\",\n", "")]),
    ("text_instead_of_list", "wrong_type", 1, &[("\"domains\": [\"b.example\"]", "\"domains\": \"b.example\"")]),
    ("number_instead_of_time", "wrong_type", 1, &[("\"delay\": \"4 ms\"", "\"delay\": 4")]),
    ("text_instead_of_number", "wrong_type", 1, &[("\"port\": 143", "\"port\": \"143\"")]),
    ("text_instead_of_yes_or_no", "wrong_type", 1, &[("\"off\": false", "\"off\": \"no\"")]),
    ("text_instead_of_object", "wrong_type", 1, &[("\"smtp\": {} }", "\"smtp\": 25 }")]),
    ("port_out_of_range", "out_of_range", 1, &[("\"port\": 143", "\"port\": 65536")]),
    ("negative_number", "out_of_range", 1, &[("\"queue\": 10", "\"queue\": -1")]),
    ("fraction", "not_whole", 1, &[("\"queue\": 10", "\"queue\": 1.5")]),
    ("unknown_word", "unknown_word", 1, &[("\"greet\": \"EHLO\"", "\"greet\": \"EHELO\"")]),
    // quantities
    ("negative_delay", "negative_time", 1, &[("\"delay\": \"4 ms\"", "\"delay\": \"-4 ms\"")]),
    ("time_without_unit", "bad_duration", 1, &[("\"delay\": \"4 ms\"", "\"delay\": \"4\"")]),
    ("time_with_unknown_unit", "bad_duration", 1, &[("\"delay\": \"4 ms\"", "\"delay\": \"4 millis\"")]),
    ("rate_with_unknown_unit", "bad_rate", 1, &[("\"1 Mbit/s\"", "\"1 Mbps\"")]),
    ("share_above_everything", "bad_share", 1, &[("\"loss\": \"0 %\"", "\"loss\": \"120 %\"")]),
    ("bad_date", "bad_date", 1, &[("2025-03-03T09:00:00Z", "3 March 2025")]),
    ("bad_address", "bad_address", 1, &[("192.0.2.10/25", "192.0.2.300/25")]),
    ("address_without_prefix", "bad_prefix", 1, &[("192.0.2.10/25", "192.0.2.10")]),
    ("prefix_too_long", "bad_prefix", 1, &[("192.0.2.10/25", "192.0.2.10/33")]),
    ("name_with_blank", "bad_name", 1, &[("\"name\": \"small\"", "\"name\": \"a small one\"")]),
    ("bad_domain", "bad_domain", 1, &[("[\"b.example\"]", "[\"b..example\"]")]),
    ("bad_mail_address", "bad_mail_address", 1, &[("\"to\": [\"bob@b.example\"]", "\"to\": [\"bob.b.example\"]")]),
    // the network
    ("name_twice", "name_twice", 1, &[("[\"sw-a\", \"sw-b\"]", "[\"sw-a\", \"sw-b\", \"sw-a\"]")]),
    (
        "link_to_nobody",
        "unknown_name",
        1,
        &[("{ \"from\": \"mail.b\", \"to\": \"sw-b\"", "{ \"from\": \"mail.b\", \"to\": \"sw-bb\"")],
    ),
    (
        "link_to_itself",
        "link_to_itself",
        1,
        &[(
            "{ \"from\": \"sw-a\", \"to\": \"r-a\" }",
            "{ \"from\": \"sw-a\", \"to\": \"r-a\" },\n    { \"from\": \"r-b\", \"to\": \"r-b\" }",
        )],
    ),
    (
        "link_twice",
        "link_twice",
        1,
        &[(
            "{ \"from\": \"sw-a\", \"to\": \"r-a\" }",
            "{ \"from\": \"sw-a\", \"to\": \"r-a\" },\n    { \"from\": \"r-a\", \"to\": \"sw-a\" }",
        )],
    ),
    (
        "ip_link_to_a_host",
        "ip_link_without_routers",
        1,
        &[("\"delay\": \"4 ms\"", "\"delay\": \"4 ms\", \"medium\": \"ip\"")],
    ),
    (
        "host_without_link",
        "host_without_link",
        1,
        &[("    { \"from\": \"mail.b\", \"to\": \"sw-b\", \"delay\": \"1 ms\" },\n", "")],
    ),
    (
        "host_with_two_links",
        "host_with_many_links",
        1,
        &[(
            "{ \"from\": \"r-b\", \"to\": \"sw-b\" },",
            "{ \"from\": \"r-b\", \"to\": \"sw-b\" },\n    { \"from\": \"mail.a\", \"to\": \"sw-b\" },",
        )],
    ),
    (
        "ring_of_switches",
        "switch_loop",
        1,
        &[
            ("[\"sw-a\", \"sw-b\"]", "[\"sw-a\", \"sw-b\", \"sw-c\", \"sw-d\", \"sw-e\"]"),
            (
                "{ \"from\": \"sw-a\", \"to\": \"r-a\" }",
                "{ \"from\": \"sw-a\", \"to\": \"r-a\" },\n    { \"from\": \"sw-c\", \"to\": \"sw-d\" },\n    { \"from\": \"sw-d\", \"to\": \"sw-e\" },\n    { \"from\": \"sw-e\", \"to\": \"sw-c\" }",
            ),
        ],
    ),
    ("address_twice", "address_twice", 1, &[("192.0.2.10/25", "192.0.2.25/25")]),
    ("address_of_the_network", "unusable_address", 1, &[("192.0.2.10/25", "192.0.2.0/25")]),
    ("address_of_all", "unusable_address", 1, &[("192.0.2.10/25", "192.0.2.127/25")]),
    ("address_set_aside", "unusable_address", 1, &[("192.0.2.10/25", "127.0.0.1/25")]),
    ("address_of_another_network", "outside_network", 1, &[("192.0.2.10/25", "192.0.2.210/25")]),
    (
        "network_on_two_lans",
        "network_twice",
        1,
        &[
            ("\"sw-b\": \"198.51.100.1/25\"", "\"sw-b\": \"192.0.2.2/25\""),
            ("198.51.100.25/25", "192.0.2.26/25"),
            ("198.51.100.80/25", "192.0.2.80/25"),
        ],
    ),
    (
        "ends_of_a_link_in_two_networks",
        "outside_network",
        1,
        &[("\"r-a\": \"203.0.113.254/30\"", "\"r-a\": \"203.0.113.250/30\"")],
    ),
    // senders that are checked
    ("checks_without_dns", "checks_without_dns", 1, &[("\"greet\": \"EHLO\"", "\"checks\": \"spf\"")]),
    ("check_that_there_is_not", "unknown_word", 1, &[("\"greet\": \"EHLO\"", "\"checks\": \"spv\"")]),
    (
        "key_that_is_none",
        "bad_key",
        1,
        &[("\"greet\": \"EHLO\"", "\"dkim\": { \"selector\": \"s1\", \"key\": \"hello\" }")],
    ),
    (
        "canonicalization_that_is_none",
        "bad_canonicalization",
        1,
        &[("\"greet\": \"EHLO\"", "\"dkim\": { \"selector\": \"s1\", \"canonicalization\": \"relaxed\" }")],
    ),
    (
        "signature_without_from",
        "bad_headers",
        1,
        &[("\"greet\": \"EHLO\"", "\"dkim\": { \"selector\": \"s1\", \"headers\": [\"To\"] }")],
    ),
    (
        "key_of_a_host_that_signs_nothing",
        "no_such_key",
        1,
        &[("\"type\": \"A\", \"address\": \"198.51.100.25\"", "\"type\": \"TXT\", \"dkim\": \"mail.b\"")],
    ),
    (
        "key_of_nobody",
        "unknown_name",
        1,
        &[("\"type\": \"A\", \"address\": \"198.51.100.25\"", "\"type\": \"TXT\", \"dkim\": \"mail.x\"")],
    ),
    ("router_without_address", "router_without_address", 1, &[("\"sw-b\": \"198.51.100.1/25\", ", "")]),
    (
        "address_towards_nobody",
        "no_such_neighbour",
        1,
        &[("\"sw-b\": \"198.51.100.1/25\",", "\"sw-b\": \"198.51.100.1/25\", \"sw-a\": \"198.51.100.2/25\",")],
    ),
    ("gateway_that_is_none", "no_such_gateway", 1, &[("\"gateway\": \"192.0.2.1\"", "\"gateway\": \"192.0.2.2\"")]),
    (
        "no_route",
        "no_route",
        2,
        &[
            (
                "    { \"from\": \"r-a\", \"to\": \"r-b\", \"delay\": \"48 ms\", \"rate\": \"1 Mbit/s\", \"queue\": 10, \"name\": \"long\" },\n",
                "",
            ),
            (", \"r-b\": \"203.0.113.253/30\"", ""),
            (", \"r-a\": \"203.0.113.254/30\"", ""),
            (
                "    { \"at\": \"2 s\", \"cut\": { \"link\": \"r-a--r-b\", \"from\": \"r-a\" } },\n    { \"at\": \"3 s\", \"mend\": \"long\" },\n",
                "",
            ),
        ],
    ),
    // programs
    ("port_in_use", "port_in_use", 1, &[("\"port\": 143", "\"port\": 25")]),
    ("full_name_twice", "fqdn_twice", 1, &[("alice-pc.a.example\"", "mail.a.example\"")]),
    (
        "domain_twice",
        "domain_twice",
        1,
        &[("\"domains\": [\"b.example\"]", "\"domains\": [\"b.example\", \"a.example\"]")],
    ),
    ("bounds_swapped", "bounds_swapped", 1, &[("\"rto_max\": \"60 s\"", "\"rto_max\": \"500 ms\"")]),
    ("timeout_of_zero", "zero_timeout", 1, &[("\"rto_min\": \"1 s\"", "\"rto_min\": \"0 s\"")]),
    (
        "table_and_dns",
        "either_or",
        1,
        &[
            ("\"table\": { \"old.example\": \"192.0.2.25\" }", "\"table\": {}, \"dns\": \"www.b\""),
            (", \"smtp\": \"mail.a\", \"imap\": \"mail.a\"", ", \"smtp\": \"mail.b\""),
            (
                "\"read\": { \"host\": \"alice-pc\", \"commands\": [\"LOGIN\", \"SELECT INBOX\", \"LOGOUT\"] }",
                "\"on\": \"mail.b\"",
            ),
        ],
    ),
    ("name_in_the_table", "bad_domain", 1, &[("\"old.example\"", "\"old example\"")]),
    (
        "dns_on_a_host_without_server",
        "no_such_service",
        1,
        &[("\"table\": { \"old.example\": \"192.0.2.25\" }", "\"dns\": \"mail.a\"")],
    ),
    (
        "server_that_dns_does_not_know",
        "name_without_record",
        2,
        &[("\"table\": { \"old.example\": \"192.0.2.25\" }", "\"dns\": \"www.b\"")],
    ),
    ("server_that_does_not_exist", "unknown_name", 1, &[("\"smtp\": \"mail.a\"", "\"smtp\": \"mial.a\"")]),
    ("server_that_is_a_router", "wrong_role", 1, &[("\"smtp\": \"mail.a\"", "\"smtp\": \"r-a\"")]),
    ("server_without_the_service", "no_such_service", 1, &[("\"imap\": \"mail.a\"", "\"imap\": \"mail.b\"")]),
    (
        "account_without_server",
        "idle_agent",
        1,
        &[
            (", \"smtp\": \"mail.a\", \"imap\": \"mail.a\"", ""),
            (
                "    { \"at\": \"5 s\", \"read\": { \"host\": \"alice-pc\", \"commands\": [\"LOGIN\", \"SELECT INBOX\", \"LOGOUT\"] } },\n",
                "",
            ),
        ],
    ),
    (
        "account_twice",
        "account_twice",
        1,
        &[
            ("\"user_agents\": [{", "\"user_agents\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }, {"),
            ("\"send\": { \"host\"", "\"send\": { \"account\": \"alice@a.example\", \"host\""),
            (
                "\"read\": { \"host\": \"alice-pc\", \"commands\": [\"LOGIN\", \"SELECT INBOX\", \"LOGOUT\"] }",
                "\"on\": \"mail.b\"",
            ),
        ],
    ),
    ("user_unknown_at_the_server", "unknown_user", 1, &[("\"user\": \"alice\"", "\"user\": \"alcie\"")]),
    (
        "user_twice",
        "user_twice",
        1,
        &[("\"users\": [{ \"name\": \"bob\" }]", "\"users\": [{ \"name\": \"bob\" }, { \"name\": \"Bob\" }]")],
    ),
    (
        "extension_that_is_not_simulated",
        "unknown_extension",
        3,
        &[("\"greet\": \"EHLO\"", "\"extensions\": [\"PIPELINE\", \"SIZE big\", \"8BITMIME\", \"STARTTLS\"]")],
    ),
    (
        "binarymime_without_chunking",
        "binarymime_alone",
        1,
        &[("\"greet\": \"EHLO\"", "\"extensions\": [\"8BITMIME\", \"BINARYMIME\"]")],
    ),
    ("alias_of_nobody", "unknown_user", 1, &[("\"postmaster\": \"alice\"", "\"postmaster\": \"alise\"")]),
    ("alias_that_is_a_user", "alias_is_user", 1, &[("\"postmaster\": \"alice\"", "\"alice\": \"alice\"")]),
    (
        "mail_server_without_service",
        "idle_server",
        1,
        &[
            (", \"smtp\": {} }", " }"),
            ("    { \"at\": \"4 s\", \"stop\": { \"host\": \"mail.b\", \"service\": \"smtp\" } },\n", ""),
        ],
    ),
    ("no_retry", "empty_list", 1, &[("\"retry\": [\"30 min\", \"2 h\"]", "\"retry\": []")]),
    ("folder_twice", "folder_twice", 1, &[("\"folders\": [\"Work\"]", "\"folders\": [\"Work\", \"Inbox\"]")]),
    ("folder_with_a_star", "bad_folder", 1, &[("\"folders\": [\"Work\"]", "\"folders\": [\"Work\", \"Wo*k\"]")]),
    (
        "folder_unknown",
        "unknown_folder",
        1,
        &[("{ \"folder\": \"Work\", \"uid\": 9", "{ \"folder\": \"Wrok\", \"uid\": 9")],
    ),
    ("uid_falls", "uid_order", 1, &[("\"uid\": 9", "\"uid\": 7")]),
    ("web_path", "bad_path", 1, &[("\"path\": \"/\"", "\"path\": \"index.html\"")]),
    (
        "web_path_twice",
        "path_twice",
        1,
        &[("\"objects\": [", "\"objects\": [{ \"path\": \"/\", \"type\": \"image/png\", \"bytes\": 10 }, ")],
    ),
    ("media_type", "bad_media_type", 1, &[("\"type\": \"text/plain\"", "\"type\": \"text\"")]),
    ("text_and_bytes", "either_or", 1, &[("\"text\": [\"hello\"] }] }", "\"text\": [\"hello\"], \"bytes\": 5 }] }")]),
    (
        "record_without_its_field",
        "record_fields",
        1,
        &[("\"type\": \"A\", \"address\": \"198.51.100.25\"", "\"type\": \"MX\", \"address\": \"198.51.100.25\"")],
    ),
    (
        "record_outside_its_zone",
        "outside_zone",
        1,
        &[("\"name\": \"mail\", \"type\": \"A\"", "\"name\": \"mail.a.example\", \"type\": \"A\"")],
    ),
    (
        "zone_twice",
        "zone_twice",
        1,
        &[("\"zones\": [\n", "\"zones\": [\n          { \"origin\": \"b.example\", \"records\": [] },\n")],
    ),
    // actions
    ("time_out_of_order", "time_order", 1, &[("\"at\": \"3 s\"", "\"at\": \"1500 ms\"")]),
    ("nothing_to_do", "no_deed", 1, &[("{ \"at\": \"3 s\", \"mend\": \"long\" }", "{ \"at\": \"3 s\" }")]),
    ("two_deeds_at_once", "many_deeds", 1, &[("\"mend\": \"long\"", "\"mend\": \"long\", \"on\": \"mail.b\"")]),
    ("deed_misspelt", "unknown_field", 1, &[("\"mend\": \"long\"", "\"mned\": \"long\"")]),
    ("link_unknown", "unknown_link", 1, &[("\"mend\": \"long\"", "\"mend\": \"r-a--r-c\"")]),
    (
        "node_not_at_the_link",
        "not_an_end",
        1,
        &[("\"link\": \"r-a--r-b\", \"from\": \"r-a\"", "\"link\": \"r-a--r-b\", \"from\": \"mail.a\"")],
    ),
    ("switch_off_a_switch", "wrong_role", 1, &[("\"off\": \"mail.b\"", "\"off\": \"sw-b\"")]),
    ("service_that_is_not_there", "no_such_service", 1, &[("\"service\": \"smtp\"", "\"service\": \"imap\"")]),
    ("nobody_to_write", "wrong_role", 1, &[("\"send\": { \"host\": \"alice-pc\"", "\"send\": { \"host\": \"www.b\"")]),
    (
        "account_unknown",
        "no_such_account",
        1,
        &[(
            "\"send\": { \"host\": \"alice-pc\"",
            "\"send\": { \"host\": \"alice-pc\", \"account\": \"alic@a.example\"",
        )],
    ),
    (
        "which_account",
        "which_account",
        2,
        &[("\"user_agents\": [{", "\"user_agents\": [{ \"address\": \"carol@a.example\", \"smtp\": \"mail.a\" }, {")],
    ),
    ("account_that_does_not_read", "idle_agent", 1, &[(", \"imap\": \"mail.a\"", "")]),
    ("no_recipient", "no_recipient", 1, &[("\"to\": [\"bob@b.example\"], ", "")]),
    (
        "subject_of_two_lines",
        "line_break",
        1,
        &[("\"subject\": \"Hello\"", "\"subject\": \"Hello\\r\\nBcc: eve@a.example\"")],
    ),
    ("imap_command_misspelt", "bad_command", 1, &[("\"SELECT INBOX\"", "\"SELCET INBOX\"")]),
    ("imap_command_not_complete", "bad_command", 1, &[("\"SELECT INBOX\"", "\"FETCH BODY[]\"")]),
    ("imap_after_logout", "after_logout", 1, &[("\"SELECT INBOX\", \"LOGOUT\"", "\"LOGOUT\", \"SELECT INBOX\"")]),
    ("no_commands", "empty_list", 1, &[("[\"LOGIN\", \"SELECT INBOX\", \"LOGOUT\"]", "[]")]),
    ("browse_where_no_server_is", "no_such_service", 1, &[("\"server\": \"www.b\"", "\"server\": \"mail.b\"")]),
    (
        "web_server_with_nothing",
        "empty_web_server",
        1,
        &[("\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]", "\"port\": 80")],
    ),
    (
        "web_object_without_type",
        "missing_field",
        1,
        &[("\"type\": \"text/plain\", \"text\": [\"hello\"] }", "\"text\": [\"hello\"] }")],
    ),
    (
        "object_that_is_here_and_elsewhere",
        "either_or",
        1,
        &[("\"text\": [\"hello\"] }]", "\"text\": [\"hello\"], \"moved_to\": \"/x\" }]")],
    ),
    ("too_many_connections", "out_of_range", 1, &[("\"paths\": [\"/\"]", "\"paths\": [\"/\"], \"connections\": 101")]),
    (
        "mail_on_pages_that_are_not_there",
        "no_webmail",
        1,
        &[(
            "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
            "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"read\": \"list\" }",
        )],
    ),
    (
        "webmail_for_nobody",
        "empty_list",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [] }",
            ),
            ("\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }", "\"off\": \"www.b\""),
        ],
    ),
    (
        "webmail_read_and_write",
        "either_or",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"read\": \"list\", \"write\": { \"to\": [\"bob@b.example\"] } }",
            ),
        ],
    ),
    (
        "webmail_with_nothing_to_do",
        "either_or",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\" }",
            ),
        ],
    ),
    (
        "webmail_of_whom",
        "which_account",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }, { \"address\": \"bob@b.example\", \"smtp\": \"mail.b\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"write\": { \"to\": [\"bob@b.example\"] } }",
            ),
        ],
    ),
    (
        "webmail_account_unknown",
        "no_such_account",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"account\": \"alic@a.example\", \"write\": { \"to\": [\"bob@b.example\"] } }",
            ),
        ],
    ),
    (
        "webmail_account_that_does_not_read",
        "idle_agent",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"read\": \"newest\" }",
            ),
        ],
    ),
    (
        "webmail_look_misspelt",
        "unknown_word",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"read\": \"new\" }",
            ),
        ],
    ),
    (
        "webmail_to_nobody",
        "no_recipient",
        1,
        &[
            (
                "\"objects\": [{ \"path\": \"/\", \"type\": \"text/plain\", \"text\": [\"hello\"] }]",
                "\"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }",
            ),
            (
                "\"browse\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"paths\": [\"/\"] }",
                "\"webmail\": { \"host\": \"alice-pc\", \"server\": \"www.b\", \"write\": { \"to\": [] } }",
            ),
        ],
    ),
    ("match_of_a_switch", "wrong_role", 1, &[("\"match\": { \"from\": \"mail.a\"", "\"match\": { \"from\": \"sw-a\"")]),
    (
        "match_with_and_without",
        "impossible_match",
        1,
        &[("\"flags\": [\"SYN\"]", "\"flags\": [\"SYN\"], \"without\": [\"SYN\"]")],
    ),
    (
        "match_of_flags_in_udp",
        "impossible_match",
        1,
        &[("\"flags\": [\"SYN\"]", "\"flags\": [\"SYN\"], \"protocol\": \"udp\"")],
    ),
    ("match_of_nothing", "empty_text", 1, &[("\"starts\": \"MAIL\"", "\"starts\": \"\"")]),
    ("count_of_zero", "out_of_range", 1, &[("\"count\": 1", "\"count\": 0")]),
    // runs and story
    ("run_twice", "run_twice", 1, &[("{ \"id\": \"2\"", "{ \"id\": \"1\"")]),
    (
        "override_of_a_host_that_is_not_there",
        "bad_override",
        1,
        &[("\"hosts.mail.a.mail_server", "\"hosts.mail.x.mail_server")],
    ),
    ("override_of_an_unknown_field", "unknown_field", 1, &[("mail_server.smtp.greet\"", "mail_server.smtp.gret\"")]),
    ("override_with_a_wrong_value", "unknown_word", 1, &[("\"HELO\"", "\"HALO\"")]),
    ("override_below_a_text", "bad_override", 1, &[("mail_server.smtp.greet\"", "mail_server.smtp.greet.word\"")]),
    (
        "override_of_the_format",
        "bad_override",
        1,
        &[("\"hosts.mail.a.mail_server.smtp.greet\": \"HELO\"", "\"format\": 2")],
    ),
    (
        "override_that_breaks_an_action",
        "no_such_account",
        1,
        &[("\"hosts.mail.a.mail_server.smtp.greet\": \"HELO\"", "\"actions.0.send.account\": \"eve@a.example\"")],
    ),
    (
        "override_that_breaks_something_elsewhere",
        "unknown_name",
        1,
        &[("\"hosts.mail.a.mail_server.smtp.greet\": \"HELO\"", "\"links.0.from\": \"bob-pc\"")],
    ),
    (
        "override_that_takes_a_service_away",
        "no_such_service",
        1,
        &[("\"hosts.mail.a.mail_server.smtp.greet\": \"HELO\"", "\"hosts.mail.b.mail_server\": { \"imap\": {} }")],
    ),
    ("event_unknown", "unknown_event", 1, &[("\"mua.compose\"", "\"mua.compoze\"")]),
    ("event_field_unknown", "unknown_event_field", 1, &[("{ \"user\": \"bob\" }", "{ \"usr\": \"bob\" }")]),
    (
        "event_of_nobody",
        "unknown_name",
        1,
        &[("\"where\": { \"server\": \"mail.b\" }", "\"where\": { \"server\": \"mail.c\" }")],
    ),
    ("event_with_text_for_a_number", "wrong_type", 1, &[("\"port\": 25 }, \"nth\"", "\"port\": \"25\" }, \"nth\"")]),
    ("steps_out_of_order", "step_order", 1, &[("\"step\": 2", "\"step\": 1")]),
    // logins, wishes, extensions
    (
        "login_that_nobody_offers",
        "no_such_login",
        1,
        &[("\"user\": \"alice\", \"smtp\"", "\"user\": \"alice\", \"login\": \"PLAIN\", \"smtp\"")],
    ),
    (
        "wish_that_is_none",
        "bad_notify",
        1,
        &[(
            "\"subject\": \"Hello\"",
            "\"envelope\": { \"from\": \"<>\", \"to\": [\"bob@b.example\"], \"notify\": \"SOMETIMES\" }, \"subject\": \"Hello\"",
        )],
    ),
    (
        "imap_extension_misspelt",
        "unknown_extension",
        1,
        &[("{ \"port\": 143 }", "{ \"port\": 143, \"extensions\": [\"IDEL\"] }")],
    ),
    (
        "imap_extension_twice",
        "extension_twice",
        1,
        &[("{ \"port\": 143 }", "{ \"port\": 143, \"extensions\": [\"IDLE\", \"MOVE\", \"IDLE\"] }")],
    ),
    // faults
    (
        "delay_of_no_length",
        "no_length",
        1,
        &[("\"mend\": \"long\"", "\"delay\": { \"match\": { \"from\": \"mail.a\" } }")],
    ),
    ("length_of_no_delay", "misplaced_by", 1, &[("\"count\": 1 } }", "\"count\": 1, \"by\": \"1 s\" } }")]),
    ("so_many_and_all", "count_and_every", 1, &[("\"count\": 1 } }", "\"count\": 1, \"every\": true } }")]),
    (
        "rate_on_the_exact_clock",
        "rate_without_clock",
        1,
        &[("\"mend\": \"long\"", "\"change\": { \"link\": \"long\", \"rate\": \"1 Mbit/s\" }")],
    ),
    ("change_of_nothing", "no_change", 1, &[("\"mend\": \"long\"", "\"change\": { \"link\": \"long\" }")]),
    (
        "force_without_manner",
        "one_manner",
        1,
        &[("\"mend\": \"long\"", "\"force\": { \"host\": \"mail.b\", \"command\": \"MAIL\" }")],
    ),
    (
        "force_of_two_manners",
        "one_manner",
        1,
        &[(
            "\"mend\": \"long\"",
            "\"force\": { \"host\": \"mail.b\", \"reply\": \"451 not now\", \"disconnect\": true }",
        )],
    ),
    (
        "force_at_no_command",
        "unknown_command",
        1,
        &[("\"mend\": \"long\"", "\"force\": { \"host\": \"mail.b\", \"command\": \"MALI\", \"disconnect\": true }")],
    ),
    (
        "force_with_a_reply_that_takes",
        "no_refusal",
        1,
        &[("\"mend\": \"long\"", "\"force\": { \"host\": \"mail.b\", \"reply\": \"250 OK\" }")],
    ),
    // line ends, room, lists, forwarding
    (
        "bare_lf_for_a_client",
        "unknown_word",
        1,
        &[("\"greet\": \"EHLO\" }", "\"greet\": \"EHLO\", \"client_bare_lf\": \"refuse\" }")],
    ),
    (
        "raw_that_is_no_text",
        "wrong_type",
        1,
        &[("\"text\": [\"hello\"] } },", "\"text\": { \"raw\": [\"hello\"] } } },")],
    ),
    (
        "disk_of_a_pc",
        "no_mail_server",
        1,
        &[("\"mend\": \"long\"", "\"disk\": { \"host\": \"alice-pc\", \"free\": 0 }")],
    ),
    (
        "copy_of_nothing",
        "nothing_forwarded",
        1,
        &[("\"users\": [{ \"name\": \"bob\" }]", "\"users\": [{ \"name\": \"bob\", \"keep_copy\": true }]")],
    ),
    (
        "backup_of_oneself",
        "own_backup",
        1,
        &[("\"domains\": [\"b.example\"],", "\"domains\": [\"b.example\"], \"backup_for\": [\"b.example\"],")],
    ),
    (
        "list_called_like_a_user",
        "list_is_user",
        1,
        &[(
            "\"domains\": [\"b.example\"],",
            "\"domains\": [\"b.example\"], \"lists\": [{ \"name\": \"Bob\", \"members\": [\"alice@a.example\"] }],",
        )],
    ),
    (
        "list_of_nobody",
        "no_recipient",
        1,
        &[(
            "\"domains\": [\"b.example\"],",
            "\"domains\": [\"b.example\"], \"lists\": [{ \"name\": \"course\", \"members\": [] }],",
        )],
    ),
    (
        "list_owned_by_nobody",
        "unknown_user",
        1,
        &[(
            "\"domains\": [\"b.example\"],",
            "\"domains\": [\"b.example\"], \"lists\": [{ \"name\": \"course\", \"members\": [\"alice@a.example\"], \"owner\": \"rob\" }],",
        )],
    ),
    (
        "names_of_addresses_without_dns",
        "checks_without_dns",
        1,
        &[("\"greet\": \"EHLO\" }", "\"greet\": \"EHLO\", \"look_up_clients\": true }")],
    ),
    // several at once
    (
        "many_at_once",
        "bad_date",
        7,
        &[
            ("2025-03-03T09:00:00Z", "soon"),
            ("\"gateway\": \"192.0.2.1\"", "\"gatway\": \"192.0.2.1\""),
            ("\"smtp\": \"mail.a\"", "\"smtp\": \"mail.q\""),
            ("\"port\": 143", "\"port\": 25"),
            ("\"delay\": \"48 ms\"", "\"delay\": \"-48 ms\""),
            ("\"at\": \"3 s\"", "\"at\": \"1 s\""),
            ("\"mua.compose\"", "\"compose\""),
        ],
    ),
];

fn edited(edits: &[Edit]) -> String {
    let mut text = GOOD.to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "stands in the file once: {from}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// What has to hold for every refusal.
pub fn refusal_is_well_formed(problems: &Problems, text: &str) {
    let printed = problems.to_string();
    for problem in problems {
        let place = problem.place();
        let line = text.split('\n').nth(place.line - 1).unwrap_or_else(|| panic!("no line {}: {problem}", place.line));
        // One behind the last character is where something is missing.
        assert!(place.column <= line.chars().count() + 1, "column {}: {problem}", place.column);
        let span = problem.span();
        assert!(span.start <= span.end && span.end <= text.len(), "{span:?}: {problem}");
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}: {problem}");
        let at = format!("{}:{}:{}", problem.file(), place.line, place.column);
        assert!(printed.contains(&at), "{at} does not stand in\n{printed}");
        assert!(!problem.message().is_empty());
    }
}

#[test]
fn the_file_that_the_mistakes_are_put_into_has_none() {
    let small = scenario::parse("small.json", GOOD).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(small.runs.len(), 2);
}

#[test]
fn every_kind_of_mistake_has_one_message_that_says_where_and_what_would_be_right() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/mistakes");
    let _guard = settings.bind_to_scope();
    let mut wrong = Vec::new();
    for (name, kind, count, edits) in CASES {
        let text = edited(edits);
        let Err(problems) = scenario::parse("small.json", &text) else {
            wrong.push(format!("{name}: taken as right"));
            continue;
        };
        let printed = problems.to_string();
        let kinds: Vec<&str> = problems.iter().map(|p| p.kind()).collect();
        if (kinds[0], kinds.len()) != (*kind, *count) {
            wrong.push(format!("{name}: {kinds:?}\n{printed}"));
            continue;
        }
        refusal_is_well_formed(&problems, &text);
        insta::assert_snapshot!(*name, printed);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_more_than_forty_kinds() {
    let kinds: std::collections::BTreeSet<&str> = CASES.iter().map(|c| c.1).collect();
    let names: std::collections::BTreeSet<&str> = CASES.iter().map(|c| c.0).collect();
    assert_eq!(names.len(), CASES.len(), "every case has a name of its own");
    assert!(kinds.len() >= 60 && CASES.len() >= 100, "{} kinds in {} cases", kinds.len(), CASES.len());
}
