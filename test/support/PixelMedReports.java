import com.pixelmed.validate.DicomSRValidator;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/** Validates the report at each path that comes in as a line; what PixelMed says goes out, and a line "end of report". */
public class PixelMedReports {
  public static void main(String[] none) throws Exception {
    var validator = new DicomSRValidator();
    var paths = new BufferedReader(new InputStreamReader(System.in));
    for (String path = paths.readLine(); path != null; path = paths.readLine()) {
      try {
        System.out.println(validator.validate(path));
      } catch (Exception problem) {
        System.out.println("Exception: " + problem);
      }
      System.out.println("end of report");
    }
  }
}
