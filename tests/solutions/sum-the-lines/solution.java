import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import java.util.StringTokenizer;

public class Main {
    public static void main(String[] args) {
        List<String> lines = new BufferedReader(new InputStreamReader(System.in)).lines().toList();
        StringBuilder out = new StringBuilder();
        long total = 0;
        for (String line : lines.subList(1, Integer.parseInt(lines.get(0).trim()) + 1)) {
            long sum = 0;
            for (StringTokenizer amounts = new StringTokenizer(line); amounts.hasMoreTokens();) sum += Long.parseLong(amounts.nextToken());
            out.append(sum).append('\n');
            total += sum;
        }
        System.out.print(out.append("total ").append(total).append('\n'));
    }
}
