#include <stdio.h>
#include <string.h>

#include "generate.h"

static void uri(const char *text, const char *flags, const char *requirements, const char *comment)
{
    vector("uri_parse", text_input(text), flags, requirements, "%s", comment);
}

static void ok_too(const char *password, const char *host, unsigned port, const char *sni,
                   bool insecure, const char *why)
{
    cJSON *answer = json_status("ok");

    cJSON_AddStringToObject(answer, "password", password);
    cJSON_AddStringToObject(answer, "host", host);
    json_add_number(answer, "port", port);
    cJSON_AddStringToObject(answer, "sni", sni);
    cJSON_AddBoolToObject(answer, "insecure", insecure);
    allow(answer, why);
}

static void invalid_too(const char *why)
{
    allow(json_status("invalid"), why);
}

static void whole(void)
{
    uri("anytls://letmein@example.com/?sni=real.example.com", "", "URI-SCHEME URI-SNI",
        "password, host, sni");
    uri("anytls://letmein@example.com/?sni=127.0.0.1&insecure=1", "", "URI-SNI URI-INSECURE",
        "an IP address as sni is read as it stands; that none is sent then is the client's part");
    uri("anytls://0fdf77d7-d4ba-455e-9ed9-a98dd6d5489a@[2409:8a71:6a00:1953::615]:8964/?insecure=1",
        "", "URI-HOST URI-PORT URI-INSECURE", "an IPv6 address, a port, insecure");
    uri("anytls://example.com", "", "URI-PASSWORD URI-PORT", "a host and nothing else");
    uri("anytls://example.com/", "", "URI-PATH", "a slash behind the host");
    uri("anytls://example.com:8443", "", "URI-PORT", "a host and a port");
    uri("anytls://example.com:8443/", "", "URI-PORT URI-PATH", "host, port, slash");
    uri("anytls://pw@example.com", "", "URI-PASSWORD", "a password");
    uri("anytls://@example.com", "", "URI-PASSWORD", "an empty password");
    uri("anytls://pw@192.0.2.1:443/", "", "URI-HOST", "an IPv4 address");
    uri("anytls://pw@[::1]", "", "URI-HOST URI-PORT", "an IPv6 address without a port");
    uri("anytls://pw@[::1]:8443/?sni=a", "", "URI-HOST URI-PORT URI-SNI", "all of it with IPv6");
    uri("anytls://pw@example.com?sni=a", "", "URI-PATH URI-SNI", "parameters without a slash");
    uri("anytls://pw@example.com/?", "", "URI-PARAMETERS", "no parameter behind '?'");
    uri("anytls://pw@xn--mnchen-3ya.example/", "", "URI-HOST", "a host in Punycode");
    uri("anytls://pw@EXAMPLE.com/", "case ambiguous", "URI-HOST", "a host in upper case stays so");
    ok_too("pw", "example.com", 443, "", false, "hosts are the same in lower case");
    uri("anytls://pw@example.com/#title", "fragment", "URI-PARAMETERS",
        "a fragment, which links carry as a title, is no part of it");
    uri("anytls://pw@example.com#title", "fragment", "URI-PARAMETERS",
        "a fragment behind the host");
    uri("anytls://pw@example.com/?insecure=1#a=b&sni=c", "fragment", "URI-PARAMETERS",
        "a fragment behind parameters");
    uri("anytls://pw@example.com/?sni=a%23b", "", "URI-SNI", "a percent-encoded '#' is none");
}

static void passwords(void)
{
    static const struct {
        const char *text;
        const char *comment;
    } cases[] = {
        {"a%40b", "'@'"},
        {"a%3Ab", "':'"},
        {"a%2Fb", "'/'"},
        {"a%3Fb", "'?'"},
        {"a%23b", "'#'"},
        {"a%25b", "'%'"},
        {"a%2540b", "'%40': it is decoded once"},
        {"a%20b", "a blank"},
        {"a+b", "a '+' is no blank"},
        {"%70%77", "letters that need not be encoded"},
        {"%c3%a4", "UTF-8, digits in lower case"},
        {"%C3%A4", "UTF-8, digits in upper case"},
        {"%0a", "a newline"},
        {"a:b", "a ':' as it is: there is no user in the link"},
        {"a&b=c", "'&' and '=' as they are"},
        {"!$'()*,;-._~", "other signs as they are"},
        {"%7e%00", "a zero byte: refused"},
        {"%", "a '%' and nothing behind it: refused"},
        {"%4", "a '%' and one digit: refused"},
        {"%zz", "a '%' and no digits: refused"},
        {"%4g", "a '%' and a wrong digit: refused"},
        {"%%41", "a '%' before a '%': refused"},
    };
    char text[128];
    char comment[128];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "anytls://%s@example.com/", cases[i].text);
        snprintf(comment, sizeof comment, "in the password: %s", cases[i].comment);
        uri(text, "", "URI-PASSWORD", comment);
    }
    uri("anytls://a@b@example.com/", "ambiguous", "URI-PASSWORD",
        "an '@' as it is in the password: the last one splits");
    invalid_too("it should have been encoded");
    uri("anytls://a/b@example.com/", "ambiguous", "URI-PATH",
        "a '/' as it is in the password ends the host: there is a path");
    ok_too("a/b", "example.com", 443, "", false, "the last '@' may split, wherever it stands");
    uri("anytls://p\xc3\xa4ss@example.com/", "ambiguous", "URI-PASSWORD",
        "UTF-8 as it is in the password");
    invalid_too("a link is ASCII");
}

static void hosts(void)
{
    uri("anytls://", "", "URI-HOST", "no host");
    uri("anytls:///", "", "URI-HOST", "no host, and a slash");
    uri("anytls://pw@", "", "URI-HOST", "a password and no host");
    uri("anytls://pw@/?sni=a", "", "URI-HOST", "a password, no host, a parameter");
    uri("anytls://pw@:443/", "", "URI-HOST", "a port and no host");
    uri("anytls://pw@[]:443/", "", "URI-HOST", "empty brackets");
    uri("anytls://pw@[::1/", "", "URI-HOST", "a bracket that is not closed");
    uri("anytls://pw@::1]/", "", "URI-HOST URI-PORT", "a bracket that is not opened");
    uri("anytls://pw@[::1]x/", "", "URI-HOST", "a letter behind the bracket");
    uri("anytls://pw@[[::1]]/", "", "URI-HOST", "brackets twice");
    uri("anytls://pw@::1/", "ipv6", "URI-PORT URI-HOST", "an IPv6 address without brackets");
    uri("anytls://pw@2001:db8::1:443/", "ipv6", "URI-PORT URI-HOST",
        "an IPv6 address without brackets, and what may be a port");
    uri("anytls://pw@exa mple.com/", "", "URI-HOST", "a blank in the host");
    uri("anytls://pw@example.com\t/", "", "URI-HOST", "a tab in the host");
    uri("anytls://pw@example.com\r\n", "", "URI-HOST", "a newline behind the host");
    uri("anytls://pw@example%2ecom/", "ambiguous", "URI-HOST",
        "percent-encoding in the host is refused");
    ok_too("pw", "example.com", 443, "", false, "it may be decoded");
    uri("anytls://pw@[fe80::1%25eth0]/", "ambiguous", "URI-HOST",
        "a zone in an IPv6 address is refused");
    ok_too("pw", "fe80::1%eth0", 443, "", false, "it may be read");
    uri("anytls://pw@example.com./", "", "URI-HOST", "a final dot in the host");
}

static void ports(void)
{
    static const struct {
        const char *port;
        const char *comment;
    } cases[] = {
        {"1", "the least port"},
        {"65535", "the greatest port"},
        {"0443", "a zero before the port"},
        {"0", "port 0: refused"},
        {"65536", "a port over 16 bits: refused"},
        {"65979", "a port that would wrap to 443: refused"},
        {"4294967739", "a port that would wrap to 443 at 32 bits: refused"},
        {"99999999999999999999", "a port over 64 bits: refused"},
        {"-1", "a port below zero: refused"},
        {"+443", "a sign: refused"},
        {"44a", "a letter: refused"},
        {" 443", "a blank: refused"},
        {"0x1bb", "hexadecimal: refused"},
        {"443:443", "two ports: refused"},
        {"443-445", "a range of ports: refused"},
    };
    char text[128];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "anytls://pw@example.com:%s/", cases[i].port);
        uri(text, "", "URI-PORT", cases[i].comment);
    }
    uri("anytls://pw@example.com:/", "ambiguous", "URI-PORT", "a ':' and no port: refused");
    ok_too("pw", "example.com", 443, "", false, "an empty port may mean the default");
    uri("anytls://pw@[::1]:/", "ambiguous", "URI-PORT", "a ':' and no port, with IPv6: refused");
    ok_too("pw", "::1", 443, "", false, "an empty port may mean the default");
}

static void parameter(const char *parameters, const char *flags, const char *requirements,
                      const char *comment)
{
    char text[512];

    snprintf(text, sizeof text, "anytls://pw@example.com/?%s", parameters);
    uri(text, flags, requirements, comment);
}

static void parameters(void)
{
    parameter("insecure=0", "", "URI-INSECURE", "insecure=0");
    parameter("insecure=1", "", "URI-INSECURE", "insecure=1");
    parameter("insecure=1&sni=a", "", "URI-INSECURE URI-SNI", "both, in the other order");
    parameter("sni=a&insecure=0&sni=b", "", "URI-PARAMETERS", "of two of one name the last counts");
    parameter("insecure=1&insecure=0", "", "URI-PARAMETERS URI-INSECURE",
              "of two of one name the last counts: insecure");
    parameter("sni=", "", "URI-SNI", "an empty sni");
    parameter("sni", "", "URI-SNI", "sni without '='");
    parameter("sni=a.example%2Eorg", "", "URI-SNI", "sni percent-encoded");
    parameter("sni=a%zz", "", "URI-SNI", "sni wrongly percent-encoded: refused");
    parameter("sni=a%00b", "", "URI-SNI", "a zero byte in sni: refused");
    parameter("sni=[::1]", "", "URI-SNI", "an IPv6 address as sni, as it stands");
    parameter("sni=a=b", "", "URI-SNI", "the first '=' splits");
    parameter("SNI=a", "", "URI-PARAMETERS", "names differ by case: SNI is ignored");
    parameter("peer=a", "", "URI-PARAMETERS", "peer is none of the names: ignored");
    parameter("fp=chrome&udp=1&x=y", "", "URI-PARAMETERS", "names that nobody knows are ignored");
    parameter("x=%zz", "", "URI-PARAMETERS", "what is ignored may be anything");
    parameter("&&sni=a&&", "", "URI-PARAMETERS", "empty parameters are ignored");
    parameter("=a", "", "URI-PARAMETERS", "a parameter without a name is ignored");
    parameter("sni=a;insecure=1", "", "URI-PARAMETERS URI-SNI", "';' does not separate");
    parameter("sni=a?insecure=1", "", "URI-SNI", "a second '?' is a part of the value");
    parameter("insecure=2", "ambiguous", "URI-INSECURE", "insecure=2: refused");
    ok_too("pw", "example.com", 443, "", false, "what is not 1 may count as 0");
    parameter("insecure=true", "ambiguous", "URI-INSECURE", "insecure=true: refused");
    ok_too("pw", "example.com", 443, "", false, "what is not 1 may count as 0");
    ok_too("pw", "example.com", 443, "", true, "true may count as 1");
    parameter("insecure=", "ambiguous", "URI-INSECURE", "insecure without a value: refused");
    ok_too("pw", "example.com", 443, "", false, "what is not 1 may count as 0");
    parameter("insecure", "ambiguous", "URI-INSECURE", "insecure without '=': refused");
    ok_too("pw", "example.com", 443, "", false, "what is not 1 may count as 0");
}

static void rest(void)
{
    static const char *const bad[] = {"",
                                      "anytls",
                                      "anytls:",
                                      "anytls:/",
                                      "anytls:/pw@example.com",
                                      "anytls//pw@example.com",
                                      "https://pw@example.com/",
                                      "anytls2://pw@example.com/",
                                      " anytls://pw@example.com/",
                                      "pw@example.com:443"};
    static char text[1024];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        uri(bad[i], "", "URI-SCHEME", "no link of this kind");
    uri("ANYTLS://pw@example.com/", "case ambiguous", "URI-SCHEME",
        "the scheme in upper case: refused");
    ok_too("pw", "example.com", 443, "", false, "schemes are the same in any case");
    uri("anytls://pw@example.com/path", "", "URI-PATH", "a path: refused");
    uri("anytls://pw@example.com//", "", "URI-PATH", "two slashes: refused");
    uri("anytls://pw@example.com/path?sni=a", "", "URI-PATH", "a path and a parameter: refused");
    snprintf(text, sizeof text, "anytls://%.255s@example.com/", hex(default_scheme()));
    uri(text, "limit", "URI-PASSWORD LIMIT-URI", "a password of 255 bytes");
    snprintf(text, sizeof text, "anytls://%.256s@example.com/", hex(default_scheme()));
    uri(text, "limit ambiguous", "URI-PASSWORD LIMIT-URI", "a password of 256 bytes: refused");
    snprintf(text, sizeof text, "%.256s", hex(default_scheme()));
    ok_too(text, "example.com", 443, "", false, "the document gives no bound");
    snprintf(text, sizeof text, "anytls://pw@%.255s/", hex(default_scheme()));
    uri(text, "limit", "URI-HOST LIMIT-URI", "a host of 255 bytes");
    snprintf(text, sizeof text, "anytls://pw@%.256s/", hex(default_scheme()));
    uri(text, "limit ambiguous", "URI-HOST LIMIT-URI", "a host of 256 bytes: refused");
    snprintf(text, sizeof text, "%.256s", hex(default_scheme()));
    ok_too("pw", text, 443, "", false, "the document gives no bound");
}

void generate_uris(void)
{
    file_begin("uris",
               "Links: anytls://[password@]host[:port]/?sni=NAME&insecure=0|1. The password "
               "and sni are percent-encoded; the port is 443 where none is given; unknown "
               "parameters are ignored.");
    flag("case", "Upper and lower case.");
    flag("fragment", "What stands behind '#'.");
    flag("ipv6", "An IPv6 address without its brackets, which cannot be told from a port.");
    flag("limit", "At or over a limit that the reference sets itself.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    whole();
    passwords();
    hosts();
    ports();
    parameters();
    rest();
}
