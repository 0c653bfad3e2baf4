import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Java's PKIX judges the items of a docket: {@code java Judge.java DOCKET}. {@code tests/judges/docket.rs} says what a
 * line of a docket and a line of the answer is.
 */
public final class Judge {
    private static CertificateFactory factory;

    public static void main(String[] arguments) throws Exception {
        factory = CertificateFactory.getInstance("X.509");
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] field = line.split("\t", -1);
            String verdict = "accepted";
            String text = "";
            try {
                switch (field[0]) {
                    case "object" -> object(field[2], field[3], field[4]);
                    default -> path(Long.parseLong(field[2]), field[3], field[4], field[5], field[6]);
                }
            } catch (Exception error) {
                verdict = "refused";
                text = error.toString().replaceAll("\\s+", " ");
            }
            System.out.println("java\t" + field[1] + "\t" + verdict + "\t" + text);
        }
    }

    private static void object(String role, String file, String issuer) throws Exception {
        if (role.equals("crl")) {
            crls(file).get(0).verify(certificates(issuer).get(0).getPublicKey());
        } else {
            certificates(file).get(0).verify(certificates(issuer).get(0).getPublicKey());
        }
    }

    /** A path as it is shown; where no CRL is, one that is found among what is shown, and nothing is revoked. */
    private static void path(long at, String anchors, String leaf, String above, String crls) throws Exception {
        Set<TrustAnchor> trusted = new HashSet<>();
        for (X509Certificate anchor : certificates(anchors)) {
            trusted.add(new TrustAnchor(anchor, null));
        }
        List<X509Certificate> chain = certificates(leaf);
        chain.addAll(certificates(above));
        if (crls.isEmpty()) {
            X509CertSelector end = new X509CertSelector();
            end.setCertificate(chain.get(0));
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(trusted, end);
            parameters.setDate(new Date(at * 1000));
            parameters.setRevocationEnabled(false);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return;
        }
        PKIXParameters parameters = new PKIXParameters(trusted);
        parameters.setDate(new Date(at * 1000));
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls(crls))));
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
        checker.setOptions(EnumSet.of(
                PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
        parameters.addCertPathChecker(checker);
        validator.validate(factory.generateCertPath(chain), parameters);
    }

    private static List<X509Certificate> certificates(String names) throws Exception {
        List<X509Certificate> found = new ArrayList<>();
        for (byte[] file : files(names)) {
            found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(file)));
        }
        return found;
    }

    private static List<X509CRL> crls(String names) throws Exception {
        List<X509CRL> found = new ArrayList<>();
        for (byte[] file : files(names)) {
            found.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(file)));
        }
        return found;
    }

    private static List<byte[]> files(String names) throws Exception {
        List<byte[]> found = new ArrayList<>();
        for (String name : names.isEmpty() ? new String[0] : names.split(",")) {
            found.add(Files.readAllBytes(Path.of(name)));
        }
        return found;
    }
}
