/* A PKCS#11 module that hands every call to another one and ends the process at a chosen one.
 *
 * MODULE and DIRECTORY are given to the compiler: the other module's path, and a directory that holds what changes from
 * run to run:
 *   log   gets the name of every call with a side effect, one a line
 *   kill  "before NAME N" or "after NAME N": at the Nth call of that name the process ends as if the power had failed
 *   flags hexadecimal: tokens claim these flags too (CK_TOKEN_INFO.flags)
 *   pin-max  tokens say that a PIN has at most so many bytes (CK_TOKEN_INFO.ulMaxPinLen)
 *   wrong  the last bit of every signature is the other one
 *   extractable  every key says that it can be extracted (CKA_EXTRACTABLE)
 *   pin   tokens say that people authenticate on the device (CKF_PROTECTED_AUTHENTICATION_PATH), and a login without a
 *         PIN gets the one in this file
 *
 * PKCS#11 2.40: a CK_FUNCTION_LIST is a CK_VERSION and then the functions in the order of the standard's table.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long CK_RV, CK_ULONG;
typedef CK_RV (*Function)(CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG);
typedef struct { unsigned char major, minor; Function functions[68]; } List;

enum { GET_TOKEN_INFO = 6, INIT_TOKEN = 9, INIT_PIN = 10, SET_PIN = 11, LOGIN = 18, LOGOUT = 19, GET_ATTRIBUTE_VALUE = 24, SIGN = 43, GENERATE_KEY_PAIR = 59 };

static List *real, proxy;

/* The standard's structure: label, manufacturer, model, serial number, flags, four counts of sessions, PIN lengths. */
typedef struct { unsigned char texts[32 + 32 + 16 + 16]; CK_ULONG flags, sessions[4], pin_max, pin_min; } TokenInfo;
#define PROTECTED_AUTHENTICATION_PATH 0x100UL

typedef struct { CK_ULONG type; unsigned char *value; CK_ULONG length; } Attribute;
#define EXTRACTABLE 0x162UL

static FILE *opened(const char *name, const char *mode) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", DIRECTORY, name) >= (int)sizeof path) return NULL;
    return fopen(path, mode);
}

static int exists(const char *name) {
    FILE *file = opened(name, "r");
    if (file) fclose(file);
    return file != NULL;
}

static int told(const char *name, const char *form, CK_ULONG *number) {
    FILE *file = opened(name, "r");
    int read = file ? fscanf(file, form, number) : 0;
    if (file) fclose(file);
    return read == 1;
}

static void died(const char *when, const char *name) {
    FILE *file = opened("kill", "r");
    char wanted_when[8], wanted_name[32];
    int wanted, read, *count;
    static struct { char name[32]; int before, after; } counts[16];
    int place = 0;
    if (!file) return;
    read = fscanf(file, "%7s %31s %d", wanted_when, wanted_name, &wanted);
    fclose(file);
    if (read != 3) return;
    while (counts[place].name[0] && strcmp(counts[place].name, name)) place++;
    strcpy(counts[place].name, name);
    count = strcmp(when, "before") ? &counts[place].after : &counts[place].before;
    if (++*count == wanted && !strcmp(when, wanted_when) && !strcmp(name, wanted_name)) kill(getpid(), SIGKILL);
}

static void logged(const char *name) {
    FILE *log = opened("log", "a");
    if (!log) return;
    fprintf(log, "%s\n", name);
    fclose(log);
}

static CK_RV called(int place, const char *name, CK_ULONG a, CK_ULONG b, CK_ULONG c, CK_ULONG d, CK_ULONG e,
                    CK_ULONG f, CK_ULONG g, CK_ULONG h) {
    CK_RV rv;
    logged(name);
    died("before", name);
    rv = real->functions[place](a, b, c, d, e, f, g, h);
    died("after", name);
    return rv;
}

#define PASSED(NAME, PLACE)                                                                                           \
    static CK_RV NAME(CK_ULONG a, CK_ULONG b, CK_ULONG c, CK_ULONG d, CK_ULONG e, CK_ULONG f, CK_ULONG g, CK_ULONG h) { \
        return called(PLACE, #NAME, a, b, c, d, e, f, g, h);                                                           \
    }
PASSED(C_InitToken, INIT_TOKEN)
PASSED(C_InitPIN, INIT_PIN)
PASSED(C_SetPIN, SET_PIN)
PASSED(C_GenerateKeyPair, GENERATE_KEY_PAIR)

static CK_RV C_Sign(CK_ULONG session, CK_ULONG data, CK_ULONG size, CK_ULONG signature, CK_ULONG length, CK_ULONG f,
                    CK_ULONG g, CK_ULONG h) {
    CK_RV rv = called(SIGN, "C_Sign", session, data, size, signature, length, f, g, h);
    if (rv == 0 && signature && exists("wrong")) ((unsigned char *)signature)[*(CK_ULONG *)length - 1] ^= 1;
    return rv;
}

static CK_RV C_GetAttributeValue(CK_ULONG session, CK_ULONG object, CK_ULONG attributes, CK_ULONG count, CK_ULONG e,
                                 CK_ULONG f, CK_ULONG g, CK_ULONG h) {
    CK_RV rv = real->functions[GET_ATTRIBUTE_VALUE](session, object, attributes, count, e, f, g, h);
    Attribute *one = (Attribute *)attributes;
    if (!exists("extractable")) return rv;
    for (; count; count--, one++)
        if (one->type == EXTRACTABLE && one->value && one->length == 1) *one->value = 1;
    return rv;
}

static CK_RV C_GetTokenInfo(CK_ULONG slot, CK_ULONG info, CK_ULONG c, CK_ULONG d, CK_ULONG e, CK_ULONG f, CK_ULONG g,
                            CK_ULONG h) {
    CK_RV rv = real->functions[GET_TOKEN_INFO](slot, info, c, d, e, f, g, h);
    FILE *pin = opened("pin", "r");
    TokenInfo *answer = (TokenInfo *)info;
    CK_ULONG number;
    if (rv == 0 && pin) answer->flags |= PROTECTED_AUTHENTICATION_PATH;
    if (pin) fclose(pin);
    if (rv == 0 && told("flags", "%lx", &number)) answer->flags |= number;
    if (rv == 0 && told("pin-max", "%lu", &number)) answer->pin_max = number;
    return rv;
}

static CK_RV C_Login(CK_ULONG session, CK_ULONG user, CK_ULONG pin, CK_ULONG length, CK_ULONG e, CK_ULONG f, CK_ULONG g,
                     CK_ULONG h) {
    static char typed[256];
    FILE *file = pin ? NULL : opened("pin", "r");
    if (file) {
        length = fread(typed, 1, sizeof typed, file);
        while (length && typed[length - 1] == '\n') length--;
        pin = (CK_ULONG)typed;
        fclose(file);
    }
    return called(LOGIN, "C_Login", session, user, pin, length, e, f, g, h);
}

CK_RV C_GetFunctionList(List **list) {
    CK_RV (*get)(List **);
    void *module;
    if (!real) {
        module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
        if (!module) return 5;
        *(void **)&get = dlsym(module, "C_GetFunctionList");
        if (!get || get(&real)) return 5;
        proxy = *real;
        proxy.functions[GET_TOKEN_INFO] = C_GetTokenInfo;
        proxy.functions[INIT_TOKEN] = C_InitToken;
        proxy.functions[INIT_PIN] = C_InitPIN;
        proxy.functions[SET_PIN] = C_SetPIN;
        proxy.functions[LOGIN] = C_Login;
        proxy.functions[GET_ATTRIBUTE_VALUE] = C_GetAttributeValue;
        proxy.functions[SIGN] = C_Sign;
        proxy.functions[GENERATE_KEY_PAIR] = C_GenerateKeyPair;
    }
    *list = &proxy;
    return 0;
}
