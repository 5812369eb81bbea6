import java.security.KeyStore;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Tells what time it was in a city. */
public class Clock {
    private static final Map<String, String> ZONES =
            Map.of("Berlin", "Europe/Berlin", "Tokyo", "Asia/Tokyo", "Lima", "America/Lima");

    public static void main(String[] arguments) throws Exception {
        var noon = Instant.parse("2024-07-01T12:00:00Z");
        var format = DateTimeFormatter.ofPattern("HH:mm z", Locale.ENGLISH);
        for (var name : arguments.length > 0 ? List.of(arguments) : List.of("Berlin")) {
            var zone = ZONES.get(name);
            System.out.println(name + ": " + (zone == null ? "unknown" : noon.atZone(ZoneId.of(zone)).format(format)));
        }
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init((KeyStore) null);
        var authorities = ((X509TrustManager) trust.getTrustManagers()[0]).getAcceptedIssuers().length;
        System.out.printf(
                "java %d, %s, %s%n",
                Runtime.version().feature(),
                System.getProperty("user.name"),
                authorities > 100 ? "more than 100 authorities" : authorities + " authorities");
    }
}
