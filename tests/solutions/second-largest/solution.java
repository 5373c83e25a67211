import java.util.TreeSet;

public class Solution {
    public static Long secondLargest(long[] values) {
        TreeSet<Long> different = new TreeSet<>();
        for (long value : values) different.add(value);
        different.pollLast();
        return different.isEmpty() ? null : different.last();
    }
}
