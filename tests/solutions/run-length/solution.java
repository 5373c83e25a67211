public class Solution {
    public static String runLength(String text) {
        StringBuilder packed = new StringBuilder();
        for (int from = 0, to; from < text.length(); from = to) {
            for (to = from; to < text.length() && text.charAt(to) == text.charAt(from); to++) {
            }
            packed.append(text.charAt(from));
            if (to - from > 1) packed.append(to - from);
        }
        return packed.toString();
    }
}
